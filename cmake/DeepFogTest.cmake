include(GoogleTest)

# deepfog_test_duration(SECONDS TEST...): how long each of these tests takes on a quiet machine, rounded up. Two things follow:
# the longest tests begin first (COST), and the time limit, which only has to catch a hang, is ten times that (300 s at least).
# No other place sets a time limit: a limit close to the duration fails on a busy machine.
function(deepfog_test_duration seconds)
  if(NOT seconds MATCHES "^[1-9][0-9]*$" OR NOT ARGN)
    message(FATAL_ERROR "deepfog_test_duration(${seconds} ${ARGN}): seconds and the names of tests are expected")
  endif()
  math(EXPR limit "10 * ${seconds}")
  if(limit LESS 300)
    set(limit 300)
  endif()
  set_tests_properties(${ARGN} PROPERTIES TIMEOUT ${limit} COST ${seconds})
endfunction()

# The program test_NAME from the TEST_* arguments that its caller has parsed; a macro, so that they are seen and
# TEST_SECONDS gets its default.
macro(deepfog_test_program name)
  if(TEST_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "test ${name}: unknown arguments ${TEST_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT TEST_SECONDS)
    set(TEST_SECONDS 6)
  endif()
  add_executable(test_${name} ${TEST_SOURCES})
  target_compile_options(test_${name} PRIVATE -Wall -Wextra -Wpedantic)
  target_compile_definitions(test_${name} PRIVATE DEEPFOG_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  list(TRANSFORM TEST_USES PREPEND deepfog_)
  target_link_libraries(test_${name} PRIVATE ${TEST_USES} ${TEST_LIBRARIES} ${ARGN} Threads::Threads)
  if(TEST_TORCH)
    deepfog_use_torch(test_${name} -O0)  # compiled twice as fast as by -O2
  else()
    # Test code runs for milliseconds and is compiled for minutes: -O1 takes a quarter less.
    target_compile_options(test_${name} PRIVATE $<$<CONFIG:Release>:-O1>)
  endif()
endmacro()

# deepfog_test(NAME SOURCES ... [USES rooms ...] [SECONDS s] [TORCH]): one GoogleTest program of a room; SECONDS as of
# deepfog_test_duration().
function(deepfog_test name)
  cmake_parse_arguments(TEST "TORCH" "SECONDS" "SOURCES;USES;LIBRARIES" ${ARGN})
  deepfog_test_program(${name} GTest::gtest GTest::gtest_main)
  add_test(NAME ${name} COMMAND test_${name})
  set_tests_properties(${name} PROPERTIES ENVIRONMENT "OMP_NUM_THREADS=1")
  deepfog_test_duration(${TEST_SECONDS} ${name})
endfunction()

# deepfog_mpi_test(NAME RANKS 1 2 3 5 SOURCES ... [USES ...] [SECONDS s]): the same program under mpirun, once a rank count.
# The sources bring their own main() (tests/comm/mpi_main.cpp).
function(deepfog_mpi_test name)
  cmake_parse_arguments(TEST "TORCH" "SECONDS" "RANKS;SOURCES;USES;LIBRARIES" ${ARGN})
  deepfog_test_program(${name} GTest::gtest)
  foreach(ranks ${TEST_RANKS})
    set(processors 2)
    if(ranks EQUAL 1)
      set(processors 1)
    endif()
    add_test(NAME ${name}_${ranks}_ranks
             COMMAND ${MPIEXEC_EXECUTABLE} --oversubscribe ${MPIEXEC_NUMPROC_FLAG} ${ranks} $<TARGET_FILE:test_${name}>)
    set_tests_properties(${name}_${ranks}_ranks PROPERTIES PROCESSORS ${processors} ENVIRONMENT
      "OMP_NUM_THREADS=1;OMPI_ALLOW_RUN_AS_ROOT=1;OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1;OMPI_MCA_mpi_yield_when_idle=1;OMPI_MCA_pml=ob1;OMPI_MCA_btl_vader_single_copy_mechanism=none;PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe")
    deepfog_test_duration(${TEST_SECONDS} ${name}_${ranks}_ranks)
  endforeach()
endfunction()
