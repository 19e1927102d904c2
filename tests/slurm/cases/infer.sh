#!/usr/bin/env bash
# A distributed run in an allocation, a virtual node for each physical one: a rank is killed, the others go on, the file is valid.
set -euo pipefail
# shellcheck source=tests/slurm/steps.sh
. "${slurm:?}/steps.sh"

weights=$(reference).weights/sensors.plain.run0.h5
calm=(--limit 500ms --heartbeat 20ms --progress never)
packed=$(submit "$root/jobs/infer.sbatch" --weights "$weights" --output packed.h5 --check --failures all --batch 20 "${calm[@]}")
job=$(submit --nodes=3 --ntasks-per-node=1 "$root/jobs/infer.sbatch" --weights "$weights" --output spread.h5 \
  --scenario server --rate 40 "${calm[@]}")
all_there() { [ "$(ranks_of "$job" | wc -l)" = 3 ] && [ -s spread.h5.group0.rounds ]; }
within 60 "three ranks and their first rounds" all_there
sleep 2
kill -KILL "$(ranks_of "$job" | awk '$1 == 1 {print $2}')"
ends_with "$job" 0
valid spread.h5
"$python" - << 'CHECK' || fail "spread.h5 is not what a death leaves"
import h5py
file = h5py.File("spread.h5")
assert bool(file.attrs["valid"]), file.attrs["invalid_reasons"]
run = file["inference/inference"]
rounds = len(run["rounds/samples"])
assert rounds == 200, rounds
guessed = run["rounds"]
print("NOTE: all", rounds, "rounds after a death")
assert len(run["membership/peer"]) > 0
CHECK
ends_with "$packed" 0
says "$packed" 'unequal=0 ending=complete file=packed.h5 valid=1'
# A warning before the time limit ends a run early, with what was measured.
early=$(submit --nodes=3 --ntasks-per-node=1 "$root/jobs/infer.sbatch" --weights "$weights" --output early.h5 --scenario server --rate 2 "${calm[@]}")
begun() { [ -s early.h5.group0.rounds ]; }
within 60 "the first rounds" begun
sleep 1
scancel --batch --signal=USR1 "$early"
ends_with "$early" 75
[ "$(field "$early" Restarts)" = 0 ] || fail "what cannot be resumed was requeued"
"$program" verify early.h5 > verify.out || true
grep -q interrupted verify.out || { cat verify.out; fail "early.h5 does not say that it was interrupted"; }
