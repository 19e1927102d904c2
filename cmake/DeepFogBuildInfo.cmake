# deepfog_build_info(TARGET): gives TARGET a header git_state.hpp with the sources' commit, looked up at every build but
# rewritten only when it has changed, so that an unchanged tree compiles nothing. The file is its own script.
if(CMAKE_SCRIPT_MODE_FILE)
  set(DEEPFOG_GIT_SHA unknown)
  set(DEEPFOG_GIT_DIRTY false)
  find_program(GIT git)
  if(GIT)
    # A non-empty prefix is a copy of the sources inside somebody else's repository: not our commit.
    execute_process(COMMAND ${GIT} -C ${SOURCE_DIR} rev-parse --show-prefix OUTPUT_VARIABLE prefix RESULT_VARIABLE outside
                    OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    execute_process(COMMAND ${GIT} -C ${SOURCE_DIR} rev-parse --verify HEAD OUTPUT_VARIABLE sha RESULT_VARIABLE unborn
                    OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    if(outside EQUAL 0 AND unborn EQUAL 0 AND prefix STREQUAL "")
      set(DEEPFOG_GIT_SHA ${sha})
      execute_process(COMMAND ${GIT} --no-optional-locks -C ${SOURCE_DIR} status --porcelain --untracked-files=no
                      OUTPUT_VARIABLE changes RESULT_VARIABLE failed ERROR_QUIET)
      if(NOT failed EQUAL 0 OR NOT changes STREQUAL "")
        set(DEEPFOG_GIT_DIRTY true)  # not known to be clean
      endif()
    endif()
  endif()
  configure_file(${TEMPLATE} ${HEADER} @ONLY)  # leaves an equal file alone
  return()
endif()

function(deepfog_build_info target)
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/build_info)
  configure_file(${CMAKE_CURRENT_SOURCE_DIR}/version.hpp.in ${folder}/version.hpp @ONLY)
  add_custom_target(${target}_git_state
    COMMAND ${CMAKE_COMMAND} -DSOURCE_DIR=${PROJECT_SOURCE_DIR} -DTEMPLATE=${CMAKE_CURRENT_SOURCE_DIR}/git_state.hpp.in
            -DHEADER=${folder}/git_state.hpp -P ${PROJECT_SOURCE_DIR}/cmake/DeepFogBuildInfo.cmake
    BYPRODUCTS ${folder}/git_state.hpp
    COMMENT "Looking up the commit" VERBATIM)
  target_include_directories(${target} PRIVATE ${folder})
  add_dependencies(${target} ${target}_git_state)
endfunction()
