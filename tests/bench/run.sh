#!/usr/bin/env bash
# Runs the benchmarks, one line each: RESULT bench=NAME key=value ... Ratios are taken in one run, in turns.
#   tests/bench/run.sh [NAME ...]        default: all
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
all=(train_health)
case ${1:-} in -h | --help) sed -n '2,3s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; echo "benchmarks: ${all[*]}"; exit 0 ;; esac
for name in "$@"; do
  case " ${all[*]} " in *" $name "*) ;; *) echo "tests/bench/run.sh: error: no benchmark \"$name\" (allowed: ${all[*]})" >&2; exit 2 ;; esac
done
[ $# -gt 0 ] || set -- "${all[@]}"

"$root/jobs/setup.sh" --test
"$root/jobs/build.sh"
build=${DEEPFOG_BUILD_DIR:-$root/build}
cmake --build "$build" --target "${@/#/bench_}" > /dev/null
"$root/data/prepare.sh" mhealth > /dev/null
export OMP_NUM_THREADS=1
cd "$root"
for name in "$@"; do
  case $name in
    train_health) "$build/tests/bench/bench_train_health" configs/topologies/health-deepfogguard.topology ;;
  esac
done
