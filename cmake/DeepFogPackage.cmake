# cpack -G DEB: one package, with the dependencies that its libraries and scripts have. cpack -G TGZ: the tree as it is.
set(CPACK_PACKAGE_NAME deepfog)
set(CPACK_PACKAGE_VENDOR DeepFog)
set(CPACK_PACKAGE_CONTACT "The DeepFog developers <deepfog@example.org>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_GENERATOR DEB)
set(CPACK_STRIP_FILES ON)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "openmpi-bin, python3, python3-numpy, python3-h5py, python3-matplotlib, python3-pil")
# Without the first LibTorch computes with the reference BLAS, fifty times slower; the second ends jobs early.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "libopenblas0-openmp, procps")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "Benchmark suite: trains distributed neural networks, sweeps every combination of failed
machines, and runs them over MPI with real deaths.")
include(CPack)
