# shellcheck shell=bash
# Sourced by the batch scripts, with `jobs` (this folder), `own` and `script` set: the site's facts, the program, and a job that is warned before its time
# is up, keeps what is finished and goes back into the queue.
#   batch_config CONFIG [OPTION ...]   sets `threads` (of a rank) and all that jobs/settings.sh does; bad input ends the job here
#   batch_progress HOW [OPTION ...]    sets `progress`: --progress HOW, unless the options say something themselves
#   batch_run COMMAND ...              in the background; its exit code is in `code`
#   batch_end                          requeues what was interrupted, and exits with `code`
# DEEPFOG_STOP_LIMIT: seconds after the warning until the job is requeued even if the program has not ended (90).
: "${jobs:?}" "${own:?}" "${script:?}"
batch_script=$script
# shellcheck source=jobs/preamble.sh
. "$jobs/preamble.sh" || exit 2
script=$batch_script
case ${1:-} in -h | --help) usage ;; esac
# shellcheck source=jobs/supervise.sh
. "$root/jobs/supervise.sh"
# What a requeued job has done is not thrown away again; sourced without arguments, this changes the script's own.
if [ "${SLURM_RESTART_COUNT:-0}" -gt 0 ]; then
  batch_kept=()
  for batch_word in "$@"; do
    if [ "$batch_word" != --restart ]; then batch_kept+=("$batch_word"); fi
  done
  set -- "${batch_kept[@]}"
fi
batch_requeues=yes  # no: for what cannot be resumed
batch_cancelled=no
batch_overdue=''
batch_requeue() {
  if [ "$batch_requeues" = no ] || [ -z "${SLURM_JOB_ID:-}" ]; then return; fi
  # The id of one task of an array is the array's, too, and would send all of it back.
  local job=${SLURM_ARRAY_JOB_ID:+${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID}
  if [ "${SLURM_RESTART_COUNT:-0}" -ge "${DEEPFOG_MAX_RESTARTS:-20}" ]; then
    echo "$script: requeued ${SLURM_RESTART_COUNT} times already; the same command goes on" >&2
  elif ! scontrol requeue "${job:-$SLURM_JOB_ID}"; then
    echo "$script: cannot be requeued; the same command goes on" >&2
  fi
}
# USR1 comes before the time limit, at which Slurm would end the job for good; finished tasks are safe at any moment.
batch_warn() {
  echo "$script: time is nearly up" >&2
  end_early USR1
  if [ -n "$batch_overdue" ] || [ "$batch_requeues" = no ] || [ -z "${SLURM_JOB_ID:-}" ]; then return; fi
  (
    sleep "${DEEPFOG_STOP_LIMIT:-90}" > /dev/null 2>&1  # outlives its shell, and nobody may wait for it
    echo "$script: the program has not stopped in time" >&2
    batch_requeue
  ) &
  batch_overdue=$!
}
trap batch_warn USR1
# TERM comes from scancel, preemption and an operator's requeue; Slurm itself decides what is next.
for batch_signal in TERM INT HUP; do
  # shellcheck disable=SC2064
  trap "batch_cancelled=yes; end_early $batch_signal" "$batch_signal"
done

# shellcheck source=jobs/site.sh
. "$root/jobs/site.sh"
program=${DEEPFOG_BUILD_DIR:-$root/build}/deepfog
if [ ! -x "$program" ]; then fail "$program is not built (jobs/build.sh)"; fi
# shellcheck source=jobs/settings.sh
. "$root/jobs/settings.sh"

batch_config() {
  local config=$1
  shift
  read_settings --config "$config" "$@"
  # shellcheck disable=SC2034  # the scripts use it
  threads=${settings[$section.threads]:-1}
}

# shellcheck disable=SC2034  # the scripts use it
batch_progress() {
  progress=(--progress "$1")
  shift
  local option
  for option in "$@"; do
    case $option in --progress | --progress=*) progress=() ;; esac
  done
}

batch_run() { supervise "$@"; }

batch_end() {
  if [ -n "$batch_overdue" ]; then kill "$batch_overdue" 2> /dev/null; fi
  if [ "$code" = 75 ] && [ "$batch_cancelled" = no ]; then batch_requeue; fi
  exit "$code"
}
