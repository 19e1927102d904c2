#!/usr/bin/env bash
# Ten jobs are interrupted, go back into the queue, lose no finished unit and end with the results of an undisturbed run: one by
# its real time limit, one by an operator's requeue (Slurm kills everything at once), one whose ranks do not answer the warning, the
# others by the warning at some moment. Half of them by mpirun.
set -euo pipefail
# shellcheck source=tests/slurm/steps.sh
. "${slurm:?}/steps.sh"

interrupted() {  # NUMBER: a job from its beginning to its end
  local number=$1 launchers=(auto mpirun) options=(-n 1) job before resumed
  # Slurm sends the warning up to half a minute early.
  if [ "$number" = 0 ]; then options+=(--time=1 --signal=B:USR1@20); fi
  if [ "$number" = 2 ]; then export DEEPFOG_STOP_LIMIT=3; fi
  job=$(DEEPFOG_LAUNCHER=${launchers[number % 2]} submit "${options[@]}" "$root/jobs/run.sbatch" "$config" --output "$number.h5")
  before=$(ranks halt "$job" "$number.h5" $((1 + number % 3)))
  case $number in
    0)
      # As if its files did not answer: it cannot end before its time.
      within 60 "the warning before the time limit" grep -q 'time is nearly up' "$job.log"
      sleep 0.3
      ranks go "$job" ;;
    1) scontrol requeue "$job" ;;
    2) scancel --batch --signal=USR1 "$job" ;;
    *) interrupt "$job" "$job.log" ;;
  esac
  ends_with "$job" 0 150
  [ "$(field "$job" Restarts)" -ge 1 ] || fail "job $job was never requeued"
  resumed=$(sed -n 's/.*resuming: \([0-9]*\) of .*/\1/p' "$job.log" | head -n 1)
  [ "${resumed:-0}" -ge "$before" ] || fail "job $job lost units: ${resumed:-0} of $before"
  if [ "$number" = 2 ]; then says "$job" 'the program has not stopped in time'; fi
  echo "job $number: $before units and more, $resumed kept, $(field "$job" Restarts) restarts"
}

reference > /dev/null
for number in 0 1 2 3 4 5 6 7 8 9; do
  interrupted "$number" &
  ids[number]=$!
done
for number in 0 1 2 3 4 5 6 7 8 9; do
  wait "${ids[number]}" || fail "job $number of 0 to 9 (above)"
done
for number in 0 1 2 3 4 5 6 7 8 9; do
  same "$(reference)" "$number.h5"
done
echo "NOTE: 10 of 10 interrupted, requeued and equal"
