# shellcheck shell=bash
# Sourced by the batch scripts, with `root` and `name` set: the site's facts, the program, and a job that is warned before its time
# is up, keeps what is finished and goes back into the queue.
#   batch_config CONFIG [OPTION ...]   sets `verb` and `threads` (a rank's); value_of KEY; bad input ends the job here
#   batch_run COMMAND ...              in the background; its exit code is in `code`
#   batch_end                          requeues what was interrupted, and exits with `code`
: "${root:?}" "${name:?}"
batch_warned=no
batch_cancelled=no
launcher=''
code=0
batch_forward() {
  batch_warned=yes
  if [ -n "$launcher" ]; then kill -USR1 "$launcher" 2> /dev/null; fi
}
# USR1 comes before the time limit; TERM from scancel, preemption and an operator's requeue, and Slurm itself decides what is next.
trap 'echo "$name: time is nearly up" >&2; batch_forward' USR1
trap 'batch_cancelled=yes; batch_forward' TERM INT

batch_fail() { echo "$name: error: $1" >&2; exit 2; }

# shellcheck source=jobs/site.sh
. "$root/jobs/site.sh" || exit 2
program=${DEEPFOG_BUILD_DIR:-$root/build}/deepfog
if [ ! -x "$program" ]; then batch_fail "$program is not built (jobs/build.sh)"; fi

batch_config() {
  local config=$1
  shift
  verb=run
  if grep -qs '^\[partition\]' "$config"; then verb=partition; fi
  effective=$("$program" "$verb" --config "$config" "$@" --print-config) || exit
  value_of() { sed -n "0,/^$1 = /s/^$1 = //p" <<< "$effective" | sed 's/ *# .*//'; }
  threads=$(value_of threads)
  threads=${threads:-1}
}

batch_run() {
  if [ "$batch_warned" = yes ]; then code=75; return; fi
  "$@" &
  launcher=$!
  # A signal ends `wait`, not the launcher.
  wait "$launcher"
  code=$?
  while kill -0 "$launcher" 2> /dev/null; do
    wait "$launcher"
    code=$?
  done
  launcher=''
  # The warning may meet jobs/launch.sh before the program runs.
  if [ "$batch_warned" = yes ] && [ "$code" -gt 128 ]; then code=75; fi
}

batch_end() {
  if [ "$code" = 75 ] && [ -n "${SLURM_JOB_ID:-}" ] && [ "$batch_cancelled" = no ]; then
    if [ "${SLURM_RESTART_COUNT:-0}" -ge "${DEEPFOG_MAX_RESTARTS:-20}" ]; then
      echo "$name: requeued ${SLURM_RESTART_COUNT} times already; the same command goes on" >&2
    elif ! scontrol requeue "$SLURM_JOB_ID"; then
      echo "$name: cannot be requeued; the same command goes on" >&2
    fi
  fi
  exit "$code"
}
