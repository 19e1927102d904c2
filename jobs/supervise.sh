# shellcheck shell=bash
# Sourced: a parallel program that a signal ends early and in good order, and what its end means.
#   supervise COMMAND ...   runs it in the background, out of reach of a Ctrl-C; its exit code is in `code`
#   end_early [SIGNAL]      for traps: USR1 to COMMAND, which mpirun and srun pass to the ranks; these save what they have and leave
#                           with 75. A second signal that is not USR1 is TERM to COMMAND.
#   judge OUTPUT STAMP      sets `code` to 75 where the results file OUTPUT, which had STAMP (stamp_of OUTPUT) before, says that the
#                           program ended early: mpirun returns 1 when a signal reaches itself
: "${root:?}"
supervised=''
stopped=no
code=0

end_early() {
  if [ -n "$supervised" ]; then
    if [ "$stopped" = yes ] && [ "${1:-USR1}" != USR1 ]; then kill -TERM "$supervised" 2> /dev/null; else kill -USR1 "$supervised" 2> /dev/null; fi
  fi
  stopped=yes
}

supervise() {
  if [ "$stopped" = yes ]; then code=75; return; fi
  local alone=()
  # Slurm finds all processes of a job by their session in some configurations, and there is no terminal.
  if [ -z "${SLURM_JOB_ID:-}" ] && command -v setsid > /dev/null; then alone=(setsid); fi
  "${alone[@]}" "$@" &
  supervised=$!
  # A signal ends `wait`, not the command.
  code=0
  wait "$supervised" || code=$?
  while kill -0 "$supervised" 2> /dev/null; do
    code=0
    wait "$supervised" || code=$?
  done
  supervised=''
  # A signal may meet the launcher, or ranks that have hardly begun.
  if [ "$stopped" = yes ] && [ "$code" -gt 128 ]; then code=75; fi
}

# What tells one writing of FILE from another; nothing where it is not there.
stamp_of() { stat -c '%i %y' -- "$1" 2> /dev/null || true; }

# "interrupted" where the results file FILE says that what wrote it, a campaign or a distributed run, ended early.
ending_of() {
  local python
  python=$("$root/jobs/python.sh") || return
  "$python" -c '
import sys, h5py
with h5py.File(sys.argv[1]) as file:
    endings = [run.attrs.get("ending") for run in file.get("inference", {}).values()] or [file.attrs.get("status")]
print("interrupted" if any(one in ("interrupted", b"interrupted") for one in endings) else "")' "$1" 2> /dev/null || true
}

judge() {
  case $code in 0 | 2 | 3 | 75) return ;; esac
  if [ "$(stamp_of "$1")" != "$2" ] && [ "$(ending_of "$1")" = interrupted ]; then code=75; fi
}
