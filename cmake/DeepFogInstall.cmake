# cmake --install: the program, what it reads and runs by, and for other projects the rooms that need neither LibTorch nor
# MPI. The tree may be moved as a whole: nothing in it names the prefix.
include(CMakePackageConfigHelpers)
set(home ${CMAKE_INSTALL_DATADIR}/deepfog)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/DeepFog)

install(TARGETS deepfog deepfog_core deepfog_topology deepfog_resilience EXPORT DeepFog
        RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
foreach(room core topology resilience)
  set_target_properties(deepfog_${room} PROPERTIES EXPORT_NAME ${room})
  install(DIRECTORY src/${room} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/deepfog FILES_MATCHING PATTERN "*.hpp")
endforeach()
# LibTorch and MPI of a module or a Spack tree are found again without LD_LIBRARY_PATH.
set_target_properties(deepfog PROPERTIES INSTALL_RPATH_USE_LINK_PATH TRUE)

install(DIRECTORY configs jobs postprocess data DESTINATION ${home} USE_SOURCE_PERMISSIONS
        PATTERN "__pycache__" EXCLUDE PATTERN "*.pyc" EXCLUDE PATTERN "cache" EXCLUDE PATTERN "site.env" EXCLUDE
        PATTERN "packages.txt" EXCLUDE PATTERN "probe" EXCLUDE)
# The scripts find the program where a checkout has it; the mark tells them that there is nothing to build.
file(RELATIVE_PATH programs ${CMAKE_INSTALL_FULL_DATADIR}/deepfog ${CMAKE_INSTALL_FULL_BINDIR})
install(CODE "set(home \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${home}\")
file(WRITE \"\${home}/installed\" \"DeepFog ${PROJECT_VERSION}: nothing is built here; data sets go to data/cache of the working folder.\\n\")
file(REMOVE \"\${home}/build\")
file(CREATE_LINK \"${programs}\" \"\${home}/build\" SYMBOLIC)")
install(FILES README.md REPRODUCING.md CHANGELOG.md LICENSE CITATION.cff DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN "*.png" PATTERN "*.md")

install(EXPORT DeepFog NAMESPACE DeepFog:: FILE DeepFogTargets.cmake DESTINATION ${package})
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/DeepFogConfig.cmake.in ${PROJECT_BINARY_DIR}/DeepFogConfig.cmake
                              INSTALL_DESTINATION ${package} PATH_VARS CMAKE_INSTALL_DATADIR)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/DeepFogConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/DeepFogConfig.cmake ${PROJECT_BINARY_DIR}/DeepFogConfigVersion.cmake DESTINATION ${package})
