#!/usr/bin/env bash
# How often Open MPI 4's mpirun itself dies of the death of a rank over TCP, on a busy machine.
#   tests/comm/mpirun_deaths.sh [RUNS [talkative | quiet]]     e.g. tests/comm/mpirun_deaths.sh 500 talkative
# A survivor that finds its peer's connection reset sends a help message ("peer hung up") to mpirun, which posts it to itself: one
# thread frees the buffer while the other may still be copying it (pmix_server_log_fn, orte_rml_oob_send_buffer_nb). `quiet`: with
# the flags of jobs/mpi_recovery.sh, by which the ranks send no such messages; `talkative`: with the same flags but that one.
# DEEPFOG_DEATHS_RANKS: ranks of a run (8; one dies, the others send a message each). DEEPFOG_DEATHS_LOAD: busy loops beside it
# (4). DEEPFOG_DEATHS_STRICT=no: freed memory keeps its content and mpirun may use both cores, as in ordinary runs; otherwise
# MALLOC_PERTURB_ fills it, so that every use of it is seen, and mpirun's threads share one core.
# The last line: RESULT mpirun_deaths=K of N. Runs that do not end within a minute are oddities: the machine is too busy, or it hangs.
# shellcheck source=jobs/preamble.sh
POSIXLY_CORRECT=1; unset -f readlink; own=$(readlink -f -- "${BASH_SOURCE[0]}"); . "${own%/*}/../../jobs/preamble.sh"
set -e
case ${1:-} in -h | --help) usage ;; esac
runs=${1:-500}
kind=${2:-talkative}
number RUNS "$runs"
case $kind in talkative | quiet) ;; *) fail "\"$kind\" (talkative, quiet allowed)" ;; esac
program=${DEEPFOG_BUILD_DIR:-$root/build}/tests/comm/mortal_ranks
if [ ! -x "$program" ]; then fail "$program is not built (jobs/build.sh all)"; fi
ranks=${DEEPFOG_DEATHS_RANKS:-8}
# shellcheck source=jobs/mpi_environment.sh
. "$root/jobs/mpi_environment.sh"
if [ "$kind" = talkative ]; then export OMPI_MCA_orte_execute_quiet=0; fi
export SLURM_JOB_NUM_NODES=2  # TCP is for several nodes
# shellcheck source=jobs/mpi_recovery.sh
. "$root/jobs/mpi_recovery.sh"
unset SLURM_JOB_NUM_NODES
flags=("${mpi_recovery[@]}" --mca btl "tcp,self" --mca btl_tcp_if_include lo)
launch=()
if [ "${DEEPFOG_DEATHS_STRICT:-yes}" = yes ]; then launch=(env MALLOC_PERTURB_=165 taskset -c 0); fi

scratch=$(mktemp -d)
export OMPI_MCA_orte_tmpdir_base=$scratch
loops=()
trap 'if [ ${#loops[@]} -gt 0 ]; then kill "${loops[@]}" 2> /dev/null || true; fi; rm -rf "$scratch"' EXIT
for ((i = 0; i < ${DEEPFOG_DEATHS_LOAD:-4}; ++i)); do
  (while :; do :; done) &
  loops+=($!)
done

crashes=0
odd=0
for ((run = 1; run <= runs; ++run)); do
  code=0
  timeout -k 5 60 "${launch[@]}" mpirun -np "$ranks" "${flags[@]}" "$program" 2 1000000 > "$scratch/said" 2>&1 < /dev/null || code=$?
  if { [ "$code" -ge 128 ] && [ "$code" != 137 ]; } || grep -q 'Process received signal' "$scratch/said"; then
    crashes=$((crashes + 1))
    echo "run $run: mpirun ends with $code: $(grep -o 'orte_[a-z_]*send_buffer_nb\|pmix_server_log_fn' "$scratch/said" | tr '\n' ' ')"
  elif [ "$(grep -c 'is done' "$scratch/said")" != $((ranks - 1)) ]; then
    odd=$((odd + 1))
    echo "run $run: $(grep -c 'is done' "$scratch/said") survivors, exit code $code: $(grep -v 'BAD-PARAM' "$scratch/said" | head -n 3 | tr '\n' '|')"
  fi
done
echo "RESULT mpirun_deaths=$crashes of $runs ($kind), other oddities $odd"
