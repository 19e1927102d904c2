#!/usr/bin/env bash
# Sets up and builds if needed, then passes every test; ctest's summary comes last.
#   tests/run.sh [options of ctest]      e.g. tests/run.sh -R campaign
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
case ${1:-} in -h | --help) sed -n '2,3s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 0 ;; esac
"$root/jobs/setup.sh" --test
"$root/jobs/build.sh" all
# shellcheck source=jobs/mpi_environment.sh
. "$root/jobs/mpi_environment.sh"
exec ctest --test-dir "${DEEPFOG_BUILD_DIR:-$root/build}" --output-on-failure -j2 "$@"
