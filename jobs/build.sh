#!/usr/bin/env bash
# Configures and builds into build/ (Release). Silent when up to date.
#   jobs/build.sh [TARGET ...]      default: the program alone; "all" builds the tests, too
# A build folder that was copied or moved with its checkout, or whose compiler or build tool has gone, is configured from scratch.
# Beside an installed program there is nothing to build.
# shellcheck source=jobs/preamble.sh
POSIXLY_CORRECT=1; unset -f readlink; own=$(readlink -f -- "${BASH_SOURCE[0]}"); . "${own%/*}/preamble.sh"
set -e
build=${DEEPFOG_BUILD_DIR:-$root/build}
case ${1:-} in -h | --help) usage ;; esac
if [ -f "$root/installed" ]; then
  if [ -x "$build/deepfog" ]; then exit 0; fi
  fail "$build/deepfog is not there (an installed program is moved together with its share/deepfog)"
fi
if [ $# -eq 0 ]; then set -- deepfog; fi

# A file that includes LibTorch takes 2 GB of compiler.
jobs=$(cores)
memory=$(awk '/^MemAvailable/ {print int($2 / 2097152)}' /proc/meminfo 2> /dev/null || echo "$jobs")
if [ "${memory:-1}" -lt "$jobs" ]; then jobs=$((memory > 1 ? memory : 1)); fi

cached() { sed -n "s/^$1:[A-Z]*=//p" "$build/CMakeCache.txt"; }  # VARIABLE of the last configuration
# Why what the folder holds cannot be built upon, in words; nothing where it can.
stale() {
  local home place tool
  home=$(cached CMAKE_HOME_DIRECTORY)
  place=$(cached CMAKE_CACHEFILE_DIR)
  if [ ! "$home" -ef "$root" ]; then
    # The build folder of a checkout that is still there is nobody else's.
    if [ "$place" -ef "$build" ] && [ -e "$home/CMakeLists.txt" ]; then
      fail "$build is the build folder of $home (another folder in DEEPFOG_BUILD_DIR allowed)"
    fi
    echo "was configured for $home"
  elif [ ! "$place" -ef "$build" ]; then
    echo "is a copy of $place"
  else
    for tool in CMAKE_COMMAND CMAKE_MAKE_PROGRAM CMAKE_CXX_COMPILER; do
      place=$(cached "$tool")
      if [[ $place == /* && ! -x $place ]]; then echo "needs $place, which has gone"; return; fi
    done
  fi
}
if [ -f "$build/CMakeCache.txt" ]; then
  why=$(stale) || exit 2
  if [ -n "$why" ]; then
    echo "build: $build $why: configured from scratch" >&2
    # The program goes, too: it is not made of these sources.
    rm -rf "$build"/{CMakeCache.txt,CMakeFiles,build.ninja,Makefile,.ninja_deps,.ninja_log,deepfog}
  fi
fi
# A configuration that was interrupted leaves a cache without instructions.
if [ ! -f "$build/CMakeCache.txt" ] || { [ ! -f "$build/build.ninja" ] && [ ! -f "$build/Makefile" ]; }; then
  generator=()
  if [ ! -f "$build/CMakeCache.txt" ] && command -v ninja > /dev/null; then generator=(-G Ninja); fi
  echo "build: configuring $build" >&2
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  if ! cmake -S "$root" -B "$build" "${generator[@]}" -DCMAKE_BUILD_TYPE=Release > "$log" 2>&1; then
    cat "$log" >&2
    rm -f "$build/CMakeCache.txt"
    exit 1
  fi
fi
# Steps that are taken even when nothing has changed are not worth a line (first ninja's, then make's). Debian's awk would
# show the others only when thousands of characters have come together.
quiet='^(ninja: (no work|Entering)|\[[0-9]+/[0-9]+\] (Looking up the commit|Re-checking globbed|Re-running CMake)|-- |\[ *[0-9]+%\] Built target|Consolidate )'
cmake --build "$build" -j "$jobs" --target "$@" 2>&1 | LC_ALL=C sed -u -E "\\#$quiet#d" >&2 || exit 1
