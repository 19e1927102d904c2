#!/usr/bin/env bash
# Feeds damaged inputs to everything that reads a file, under AddressSanitizer and UndefinedBehaviorSanitizer. A line a finding,
# FINDING reader=R input=N; exit code 1 when there is one.
#   tests/fuzz.sh [INPUTS] [READER ...]      default: 100000 inputs for each of all readers
#   tests/fuzz.sh --from N 1 R               the input of a finding again; --keep FILE keeps it
# Readers: results weights datasets networks journals rounds topologies configs scripts
# DEEPFOG_FUZZ_BUILD: build folder, default build-sanitize.
# shellcheck source=jobs/preamble.sh
POSIXLY_CORRECT=1; unset -f readlink; own=$(readlink -f -- "${BASH_SOURCE[0]}"); . "${own%/*}/../jobs/preamble.sh"
set -e
case ${1:-} in -h | --help) usage ;; esac
[ $# -gt 0 ] || set -- 100000
build=${DEEPFOG_FUZZ_BUILD:-$root/build-sanitize}
sanitize="-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer"
mkdir -p "$build"
{ cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS="$sanitize" &&
  cmake --build "$build" --target fuzz_readers; } > "$build/fuzz.log" 2>&1 ||
  { tail -n 30 "$build/fuzz.log" >&2; echo "fuzz.sh: error: the build failed (see $build/fuzz.log)" >&2; exit 2; }
exec "$build/tests/fuzz/fuzz_readers" "$@"
