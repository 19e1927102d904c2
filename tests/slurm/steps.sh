# shellcheck shell=bash
# Sourced by every case: what they all do. tests/slurm/run.sh starts a case in a folder of its own.
: "${root:?the source tree}" "${slurm:?this folder}" "${work:?the folder of all cases}" "${python:?}"

fail() { echo "FAILED: $1"; exit 1; }
skip() { echo "SKIPPED: $1"; exit 77; }

config=$slurm/small.ini
export DEEPFOG_SITE=$slurm/site.env DEEPFOG_INFER_GRACE=3
program=${DEEPFOG_BUILD_DIR:-$root/build}/deepfog

submit() {  # OPTIONS of sbatch, SCRIPT ...: prints the job's id; its log is ID.log
  "$root/jobs/submit.sh" --parsable --output=%j.log --time=5 "$@"
}
field() {  # JOB KEY: of Slurm's record of the job
  scontrol --oneliner show job "$1" | tr ' ' '\n' | sed -n "s/^$2=//p" | head -n 1
}
log_of() { cat "$1.log" "deepfog-$1.log" 2> /dev/null || true; }
within() {  # SECONDS WHAT COMMAND ...: until the command succeeds
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    if [ "$SECONDS" -ge "$deadline" ]; then fail "$what: not within its time"; fi
    sleep 0.2
  done
}
is_over() { case $(field "$1" JobState) in COMPLETED | FAILED | CANCELLED | TIMEOUT | NODE_FAIL | OUT_OF_MEMORY | DEADLINE) ;; *) return 1 ;; esac; }
ends_with() {  # JOB CODE [SECONDS]: waits for its end
  within "${3:-90}" "job $1" is_over "$1"
  local code
  code=$(field "$1" ExitCode)
  [ "$code" = "$2:0" ] || { log_of "$1" | tail -n 15; fail "job $1: exit code $code, not $2"; }
}
says() {  # JOB PATTERN: its log does
  grep -qE "$2" "$1.log" || { log_of "$1" | tail -n 15; fail "job $1 does not say: $2"; }
}
valid() { "$program" verify "$1" > verify.out || { cat verify.out; fail "$1 is not valid"; }; }
same() {  # FILE FILE: valid, and equal to the last bit
  valid "$1"
  valid "$2"
  "$python" "$root/postprocess/compare.py" "$1" "$2" > compare.out || { cat compare.out; fail "$1 and $2 differ"; }
}
reference() {  # prints a results file of $config made without Slurm; made once for all cases
  local file=$work/reference/small.h5
  if [ ! -e "$file" ]; then "$program" run --config "$config" --output "$file" --progress never > "$work/reference.log" 2>&1; fi
  echo "$file"
}
ranks() { "$python" "$slurm/ranks.py" "$@" || fail "ranks.py $*"; }
interrupt() {  # JOB LOG: warns a halted job, as Slurm does before its time limit, and lets it go on
  scancel --batch --signal=USR1 "$1"
  within 60 "the warning of job $1" grep -q 'time is nearly up' "$2"
  sleep 0.3  # from the script to the ranks
  ranks go "$1"
}
