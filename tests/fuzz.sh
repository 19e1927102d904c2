#!/usr/bin/env bash
# Feeds damaged inputs to everything that reads a file, under AddressSanitizer and UndefinedBehaviorSanitizer. A line a finding,
# FINDING reader=R input=N; exit code 1 when there is one.
#   tests/fuzz.sh [INPUTS] [READER ...]      default: 100000 inputs for each of all readers
#   tests/fuzz.sh --from N 1 R               the input of a finding again; --keep FILE keeps it
# Readers: results weights datasets networks journals rounds topologies configs scripts
# DEEPFOG_FUZZ_BUILD: build folder, default build-sanitize.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." > /dev/null && pwd)
case ${1:-} in -h | --help) sed -n '2,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 0 ;; esac
[ $# -gt 0 ] || set -- 100000
build=${DEEPFOG_FUZZ_BUILD:-$root/build-sanitize}
sanitize="-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer"
cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS="$sanitize" > /dev/null
cmake --build "$build" --target fuzz_readers > /dev/null
exec "$build/tests/fuzz/fuzz_readers" "$@"
