#!/usr/bin/env bash
# Sets up and builds if needed, then passes every test; ctest's summary comes last.
#   tests/run.sh [options of ctest]      e.g. tests/run.sh -R campaign
# shellcheck source=jobs/preamble.sh
POSIXLY_CORRECT=1; unset -f readlink; own=$(readlink -f -- "${BASH_SOURCE[0]}"); . "${own%/*}/../jobs/preamble.sh"
set -e
case ${1:-} in -h | --help) usage ;; esac
"$root/jobs/setup.sh" --test
"$root/jobs/build.sh" all
# shellcheck source=jobs/mpi_environment.sh
. "$root/jobs/mpi_environment.sh"
exec ctest --test-dir "${DEEPFOG_BUILD_DIR:-$root/build}" --output-on-failure -j2 "$@"
