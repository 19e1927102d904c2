#!/usr/bin/env bash
# Distributed runs in an allocation, packed and with a virtual node for each physical one. A rank is killed, or a whole machine (the
# rank and mpirun's daemon there): the others go on, the file is valid.
set -euo pipefail
# shellcheck source=tests/slurm/steps.sh
. "${slurm:?}/steps.sh"

weights=$(reference).weights/sensors.plain.run0.h5
calm=(--limit 500ms --heartbeat 20ms --progress never)
spread=(--nodes=3 --ntasks-per-node=1 "$root/jobs/infer.sbatch" --weights "$weights" --scenario server "${calm[@]}")
packed=$(submit "$root/jobs/infer.sbatch" --weights "$weights" --output packed.h5 --check --failures all --batch 20 "${calm[@]}")
rank=$(submit "${spread[@]}" --rate 20 --output rank.h5)
machine=$(submit "${spread[@]}" --rate 20 --output machine.h5)

begun() { [ -s "$1.h5.group0.rounds" ]; }
rank_1_of() { ranks list "$1" | awk '$1 == 1 {print $2}'; }
within 60 "the first rounds" begun rank
kill -KILL "$(rank_1_of "$rank")"
within 60 "the first rounds" begun machine
victim=$(rank_1_of "$machine")
daemon=$(awk '{print $4}' "/proc/$victim/stat")
case $(cat "/proc/$daemon/comm") in orted | prted) ;; *) fail "no daemon above rank 1" ;; esac
kill -KILL "$daemon" "$victim"

ends_with "$packed" 0
says "$packed" 'unequal=0 ending=complete file=packed.h5 valid=1'
ends_with "$rank" 0
ends_with "$machine" 0
for file in rank machine; do
  valid "$file.h5"
  "$python" - "$file.h5" << 'CHECK' || fail "$file.h5 is not what a death leaves"
import sys
import h5py
run = h5py.File(sys.argv[1])["inference/inference"]
rounds = run["rounds"]
assert len(rounds["samples"]) == 200, len(rounds["samples"])
assert b"middle" in run["membership/peer"][:].tolist(), run["membership/peer"][:]
CHECK
done

# A warning before the time limit ends a run early, with what was measured; nothing is put into the queue again.
early=$(submit "${spread[@]}" --rate 2 --output early.h5)
within 60 "the first rounds" begun early
sleep 1
scancel --batch --signal=USR1 "$early"
ends_with "$early" 75
[ "$(field "$early" Restarts)" = 0 ] || fail "what cannot be resumed was requeued"
"$program" verify early.h5 > verify.out || true
grep -q interrupted verify.out || { cat verify.out; fail "early.h5 does not say that it was interrupted"; }
echo "NOTE: all 200 rounds after the death of a rank, of a machine"
