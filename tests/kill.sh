#!/usr/bin/env bash
# Kills jobs (SIGKILL of all ranks, of one, of mpirun) at random moments of their whole life: training, sweeps, the final write, shares
# and their merge, a partition study. After each the same command must give the file of an undisturbed run and repeat nothing.
#   tests/kill.sh [COUNT] [--seed S]      200 kills take about 20 minutes on two cores; the last line is RESULT kills=...
# shellcheck source=jobs/preamble.sh
POSIXLY_CORRECT=1; unset -f readlink; own=$(readlink -f -- "${BASH_SOURCE[0]}"); . "${own%/*}/../jobs/preamble.sh"
set -e
case ${1:-} in -h | --help) usage ;; esac
"$root/jobs/setup.sh" --test
"$root/jobs/build.sh" deepfog
# shellcheck source=jobs/mpi_environment.sh
. "$root/jobs/mpi_environment.sh"
python=$("$root/jobs/python.sh")
export DEEPFOG_PROGRAM=${DEEPFOG_BUILD_DIR:-$root/build}/deepfog OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
exec "$python" "$root/tests/programs/kill_jobs.py" "$@"
