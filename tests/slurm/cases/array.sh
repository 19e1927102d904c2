#!/usr/bin/env bash
# A campaign as an array over four nodes and a job that merges; a task that is cancelled is told of, and done by the same command.
set -euo pipefail
# shellcheck source=tests/slurm/steps.sh
. "${slurm:?}/steps.sh"

array_of() { sed -n 's/^array //p' "$1"; }
merge_of() { sed -n 's/^merge //p' "$1"; }
"$root/jobs/submit_array.sh" "$config" --shares 4 --output=%A_%a.log --time=5 -n 1 -- --output all.h5 > submitted
array=$(array_of submitted)
# One is interrupted and goes back into the queue, and the merging job waits for it.
ranks halt "${array}_2" all.h5.shares/2-of-4.h5 1 > /dev/null
interrupt "${array}_2" "${array}_2.log"
ends_with "$(merge_of submitted)" 0 150
[ "$(field "${array}_2" Restarts)" -ge 1 ] || fail "task 2 was not requeued"
[ ! -e all.h5.shares ] || fail "all.h5.shares is still there"
same "$(reference)" all.h5
"$python" - "$array" << 'CHECK' || fail "the merged file does not say who did what (above)"
import sys
import h5py
done = {}
for session in h5py.File("all.h5")["sessions"].values():
    share, job, nodes = (session.attrs[key].decode() for key in ("share", "job", "nodes"))
    done.setdefault(share, []).append((job, nodes))
print(done)
assert {f"{k} of 4" for k in (1, 2, 3, 4)} < set(done), done
assert len({done[f"{k} of 4"][0][1] for k in (1, 2, 3, 4)}) == 4, "one node for all"
assert len(done["2 of 4"]) == 2 and all(f"array {sys.argv[1]} task 2" in job for job, _ in done["2 of 4"])
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
