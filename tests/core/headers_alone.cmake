# Every header compiles alone: one generated source a header, which includes it and nothing else, twice. Headers that
# name torch themselves are left out: each would cost 20 s.
file(GLOB_RECURSE headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/*.hpp)
set(sources)
foreach(header ${headers})
  file(STRINGS ${header} torch_includes REGEX "#include <torch/")
  if(NOT torch_includes)
    file(RELATIVE_PATH name ${PROJECT_SOURCE_DIR}/src ${header})
    string(REPLACE "/" "_" source ${name})
    set(source ${CMAKE_CURRENT_BINARY_DIR}/headers_alone/${source}.cpp)
    file(CONFIGURE OUTPUT ${source} CONTENT "#include \"@name@\"\n#include \"@name@\"\n" @ONLY)
    list(APPEND sources ${source})
  endif()
endforeach()

add_library(deepfog_headers_alone OBJECT ${sources})
target_compile_options(deepfog_headers_alone PRIVATE -O0 -Wall -Wextra -Wpedantic)
target_include_directories(deepfog_headers_alone PRIVATE ${PROJECT_SOURCE_DIR}/src)
target_include_directories(deepfog_headers_alone SYSTEM PRIVATE ${TORCH_INCLUDE_DIRS} ${MPI_C_INCLUDE_DIRS}
                           ${HDF5_INCLUDE_DIRS} ${Boost_INCLUDE_DIRS} ${OPENSSL_INCLUDE_DIR})
