#!/usr/bin/env bash
# A distributed run on this machine: one rank for each physical node, and the others work on when one is killed.
#   jobs/infer.sh [--groups N] --weights FILE [options of `deepfog infer`]
# e.g. jobs/infer.sh --weights results/quickstart.h5.weights/camera.deepfogguard.run0.h5 --failures all --batch 32 --check
# Sets up and builds if needed (not with --no-setup). N groups of ranks work side by side. USR1, TERM, INT and HUP end the run
# early, with what was measured in the file and exit code 75; where all ranks are killed, the file is made from the round log, and
# the exit code is 1. DEEPFOG_INFER_LIMIT: seconds until everything is ended in any case (by default what --run-limit allows, and
# time for the start and the end); DEEPFOG_INFER_GRACE: seconds for mpirun to end by itself once the file is there (20).
# shellcheck source=jobs/preamble.sh
POSIXLY_CORRECT=1; unset -f readlink; own=$(readlink -f -- "${BASH_SOURCE[0]}"); . "${own%/*}/preamble.sh"
set -e
groups=1
setup=yes
told=run
options=()
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) usage ;;
    --no-setup) setup=no ;;
    --print-ranks | --print-limit | --print-config | --print-config=* | --dry-run) told=$1 ;;
    --recover | --recover=*) told=recover; options+=("$1") ;;
    --groups) groups=${2:-}; shift ;;
    --groups=*) groups=${1#*=} ;;
    *) options+=("$1") ;;
  esac
  shift || fail "--groups needs a number"
done
number --groups "$groups"

if [ "$setup" = yes ]; then
  "$root/jobs/setup.sh"
  "$root/jobs/build.sh"
fi
program=${DEEPFOG_BUILD_DIR:-$root/build}/deepfog
if [ ! -x "$program" ]; then fail "$program is not built (jobs/build.sh)"; fi
# shellcheck source=jobs/mpi_environment.sh
. "$root/jobs/mpi_environment.sh"
# shellcheck source=jobs/mpi_recovery.sh
. "$root/jobs/mpi_recovery.sh"

# shellcheck source=jobs/settings.sh
. "$root/jobs/settings.sh"
# shellcheck source=jobs/supervise.sh
. "$root/jobs/supervise.sh"

if [ "$told" = recover ]; then exec "$program" infer "${options[@]}"; fi
# Wrong input ends here: with recovery mpirun returns 0 whatever the ranks say.
if [ "$told" != run ]; then exec "$program" infer "${options[@]}" "$told"; fi
numbers=$("$program" infer "${options[@]}" --dry-run --print-ranks --print-limit | tail -n 2)
{ read -r ranks && read -r limit; } <<< "$numbers"
read_settings "${options[@]}"
output=${settings[inference.output]}
if ! command -v pkill > /dev/null; then echo "jobs/infer.sh: no pkill here (procps): an early end will lose what was measured" >&2; fi

read -ra mpirun_options <<< "${DEEPFOG_MPIRUN_OPTIONS:-}"
mkdir -p "$(dirname "$output")"
marker=$(mktemp "$output.begun.XXXXXX")  # by the clock of the file system that the output is on
watcher=''
launcher=''
fail_of_run() { echo "jobs/infer.sh: error: $1" >&2; exit 1; }
interrupted=no
# mpirun (5 calls itself prterun) forwards USR1 to the ranks; TERM would give them two seconds. It may not be there yet.
pass_on() {
  local try
  if ! command -v pkill > /dev/null; then kill "$launcher" 2> /dev/null || true; return 0; fi
  for ((try = 0; try < 100; ++try)); do
    if pkill -USR1 -P "$launcher" "mpirun|prterun" || ! kill -0 "$launcher" 2> /dev/null; then return 0; fi
    sleep 0.1
  done
  echo "jobs/infer.sh: no mpirun to be told of the early end" >&2
}
trap 'interrupted=yes; if [ -n "$launcher" ]; then pass_on; fi' USR1 TERM INT HUP
trap 'rm -f "$marker"; if [ -n "$watcher" ]; then kill "$watcher" 2> /dev/null || true; fi' EXIT
# `timeout` begins a process group of its own: a Ctrl-C reaches this script alone.
# The library complains about an event of its own when a rank has died; nothing is wrong then.
timeout -k 10 "${DEEPFOG_INFER_LIMIT:-$limit}" mpirun -np $((ranks * groups)) "${mpi_recovery[@]}" "${mpirun_options[@]}" \
  "$program" infer "${options[@]}" 2> >(grep --line-buffered -v 'PMIX ERROR: BAD-PARAM' >&2) &
launcher=$!
# After a death mpirun 4 may wait for ever for the daemon of another machine, while all that was measured is in the file.
(
  while [ ! "$output" -nt "$marker" ]; do sleep 1; done
  sleep "${DEEPFOG_INFER_GRACE:-20}"
  kill "$launcher"
) > /dev/null 2>&1 &
watcher=$!
if [ "$interrupted" = yes ]; then pass_on; fi
while kill -0 "$launcher" 2> /dev/null; do wait "$launcher" || true; done
# All ranks gone, or mpirun and the ranks with it: what was measured is in the round log.
log=$output.group0.rounds
if [ ! "$output" -nt "$marker" ] && [ "$log" -nt "$marker" ]; then
  "$program" infer --recover "$log" || fail_of_run "the run ended without $output; its round log is $log"
  if [ "$interrupted" = no ]; then fail_of_run "all ranks died; what was measured so far is in $output"; fi
fi
if [ ! "$output" -nt "$marker" ]; then
  if [ "$interrupted" = yes ]; then echo "jobs/infer.sh: ended early, before anything was measured" >&2; exit 75; fi
  fail_of_run "the run ended without $output$([ "${SLURM_JOB_NUM_NODES:-1}" = 1 ] || echo " (OMPI_MCA_orte_execute_quiet=0 lets MPI say more)")"
fi
if [ "$interrupted" = yes ] || [ "$(ending_of "$output")" = interrupted ]; then
  echo "jobs/infer.sh: ended early; $output holds what was measured, and the same command runs all of it again" >&2
  exit 75
fi
"$program" verify "$output" > /dev/null
