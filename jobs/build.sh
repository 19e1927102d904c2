#!/usr/bin/env bash
# Configures and builds into build/ (Release). Silent when up to date.
#   jobs/build.sh [TARGET ...]      default: the program alone; "all" builds the tests, too
# Beside an installed program there is nothing to build.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${DEEPFOG_BUILD_DIR:-$root/build}
case ${1:-} in -h | --help) sed -n '2,4s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 0 ;; esac
if [ -f "$root/installed" ]; then
  if [ -x "$build/deepfog" ]; then exit 0; fi
  echo "jobs/build.sh: error: $build/deepfog is not there (an installed program is moved together with its share/deepfog)" >&2
  exit 2
fi
if [ $# -eq 0 ]; then set -- deepfog; fi

# A file that includes LibTorch takes 2 GB of compiler.
jobs=$(nproc)
memory=$(awk '/^MemAvailable/ {print int($2 / 2097152)}' /proc/meminfo 2> /dev/null || echo "$jobs")
if [ "${memory:-1}" -lt "$jobs" ]; then jobs=$((memory > 1 ? memory : 1)); fi

if [ ! -f "$build/CMakeCache.txt" ]; then
  generator=()
  if command -v ninja > /dev/null; then generator=(-G Ninja); fi
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
cmake --build "$build" -j "$jobs" --target "$@" 2>&1 | sed -u -E "\\#$quiet#d" >&2
