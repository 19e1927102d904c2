# The commit in the build information: unknown outside a repository, else HEAD; dirty when a tracked file differs; the
# header is rewritten only when that changes.
file(REMOVE_RECURSE ${FOLDER})
file(MAKE_DIRECTORY ${FOLDER}/sources)
set(ENV{GIT_CEILING_DIRECTORIES} ${FOLDER})  # the build folder may lie inside a checkout
set(ENV{GIT_CONFIG_GLOBAL} /dev/null)
set(header ${FOLDER}/git_state.hpp)

function(git)
  execute_process(COMMAND git -C ${FOLDER}/sources -c user.name=test -c user.email=test@example.org ${ARGN}
                  RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output
                  OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "git ${ARGN}: ${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

function(expect sources sha dirty)
  execute_process(COMMAND ${CMAKE_COMMAND} -DSOURCE_DIR=${sources} -DTEMPLATE=${TEMPLATE} -DHEADER=${header} -P ${SCRIPT}
                  RESULT_VARIABLE status ERROR_VARIABLE error)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "the script failed: ${error}")
  endif()
  file(READ ${header} text)
  foreach(line "#define DEEPFOG_GIT_SHA \"${sha}\"\n" "#define DEEPFOG_GIT_DIRTY ${dirty}\n")
    string(FIND "${text}" "${line}" place)
    if(place EQUAL -1)
      message(FATAL_ERROR "expected ${line} in\n${text}")
    endif()
  endforeach()
endfunction()

expect(${FOLDER}/sources unknown false)
git(init -q)
expect(${FOLDER}/sources unknown false)  # no commit yet

file(WRITE ${FOLDER}/sources/tracked.txt "one\n")
file(WRITE ${FOLDER}/sources/inner/tracked.txt "one\n")
git(add .)
git(commit -q -m first)
git(rev-parse HEAD)
set(sha ${output})
file(WRITE ${FOLDER}/sources/untracked.txt "not ours\n")
expect(${FOLDER}/sources ${sha} false)

file(TIMESTAMP ${header} written "%s")
execute_process(COMMAND ${CMAKE_COMMAND} -E sleep 1.1)
expect(${FOLDER}/sources ${sha} false)
file(TIMESTAMP ${header} written_again "%s")
if(NOT written EQUAL written_again)
  message(FATAL_ERROR "an equal header was written again: everything behind it would be compiled again")
endif()

file(WRITE ${FOLDER}/sources/tracked.txt "two\n")
expect(${FOLDER}/sources ${sha} true)
expect(${FOLDER}/sources/inner unknown false)  # a folder inside somebody's repository
