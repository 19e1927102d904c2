#!/usr/bin/env bash
# A campaign as an array over four nodes and a job that merges; a task that is cancelled is told of, and done by the same command.
set -euo pipefail
# shellcheck source=tests/slurm/steps.sh
. "${slurm:?}/steps.sh"

array_of() { sed -n 's/^array //p' "$1"; }
merge_of() { sed -n 's/^merge //p' "$1"; }
# Two runs for each share: a task that is halted after its first unit has work left.
eight=(--set campaign.runs=8)
"$root/jobs/submit_array.sh" "$config" --shares 4 --output=%A_%a.log --time=5 -n 1 -- "${eight[@]}" --restart --progress never --output all.h5 > submitted
array=$(array_of submitted)
# One is interrupted and goes back into the queue alone, and the merging job waits for it: the one whose own id is the array's.
leads() {
  task=$(scontrol --oneliner show job "$1" | sed -n "s/^JobId=$1 .*ArrayTaskId=\([0-9]*\) .*/\1/p")
  [ -n "$task" ]
}
within 30 "a task with the id of the array" leads "$array"
ranks halt "${array}_$task" "all.h5.shares/$task-of-4.h5" 1 > /dev/null
interrupt "${array}_$task" "${array}_$task.log"
ends_with "$(merge_of submitted)" 0 150
for other in 1 2 3 4; do
  restarts=$(field "${array}_$other" Restarts)
  if [ "$other" = "$task" ]; then
    [ "$restarts" -ge 1 ] || fail "task $task was not requeued"
  else
    [ "$restarts" = 0 ] || fail "task $other was requeued with task $task"
  fi
done
grep -q 'resuming: ' "${array}_$task.log" || fail "task $task threw away what it had"
[ ! -e all.h5.shares ] || fail "all.h5.shares is still there"
"$program" run --config "$config" "${eight[@]}" --output eight.h5 --progress never > eight.log 2>&1
same eight.h5 all.h5
"$python" - "$array" "$task" << 'CHECK' || fail "the merged file does not say who did what (above)"
import sys
import h5py
done = {}
for session in h5py.File("all.h5")["sessions"].values():
    share, job, nodes = (session.attrs[key].decode() for key in ("share", "job", "nodes"))
    done.setdefault(share, []).append((job, nodes))
print(done)
assert {f"{k} of 4" for k in (1, 2, 3, 4)} < set(done), done
assert len({done[f"{k} of 4"][0][1] for k in (1, 2, 3, 4)}) == 4, "one node for all"
array, task = sys.argv[1:]
assert len(done[f"{task} of 4"]) == 2 and all(f"array {array} task {task}" in job for job, _ in done[f"{task} of 4"])
CHECK

"$root/jobs/submit_array.sh" "$config" --shares 4 --output=%A_%a.log --time=5 -n 1 -- --output half.h5 > again
array=$(array_of again)
ranks halt "${array}_1" half.h5.shares/1-of-4.h5 1 > /dev/null
scancel "${array}_1"
merge=$(merge_of again)
ends_with "$merge" 75 150
grep -q '1-of-4\|share 1' "deepfog-$merge.log" || { cat "deepfog-$merge.log"; fail "it does not say that share 1 lacks units"; }
"$root/jobs/submit_array.sh" "$config" --shares 4 --output=%A_%a.log --time=5 -n 1 -- --output half.h5 > once_more
ends_with "$(merge_of once_more)" 0 150
same "$(reference)" half.h5
