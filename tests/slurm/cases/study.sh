#!/usr/bin/env bash
# The scaling and the timeout study.
set -euo pipefail
# shellcheck source=tests/slurm/steps.sh
. "${slurm:?}/steps.sh"

scaling=$(submit "$root/jobs/scaling.sbatch" "$config" --output scaling.h5 --set campaign.runs=2)
ends_with "$scaling" 0 120
for kind in strong weak; do
  says "$scaling" "^RESULT scaling=$kind ranks=1 threads=1 runs=2 seconds=[0-9.]+ speedup=1\.000 efficiency=1\.000$"
done
says "$scaling" '^RESULT scaling=strong ranks=2 threads=1 runs=2 '
says "$scaling" '^RESULT scaling=weak ranks=2 threads=1 runs=4 '
[ "$(wc -l < scaling.scaling.csv)" = 5 ] || fail "the table has not five lines"
[ -z "$(compgen -G '*-1.h5*')" ] || fail "its results files are still there"
"$python" - << 'CHECK' || fail "the table is wrong"
import csv
rows = list(csv.DictReader(open("scaling.scaling.csv")))
for row in rows:
    first = next(float(r["seconds"]) for r in rows if r["scaling"] == row["scaling"])
    speedup = first / float(row["seconds"]) * (int(row["ranks"]) if row["scaling"] == "weak" else 1)
    assert abs(speedup - float(row["speedup"])) < 0.002, row
    assert abs(speedup / int(row["ranks"]) - float(row["efficiency"])) < 0.002, row
CHECK

weights=$(reference).weights/sensors.plain.run0.h5
timeouts=$(submit --nodes=3 --ntasks-per-node=1 "$root/jobs/timeout.sbatch" --weights "$weights" --output timeouts.h5 \
  --samples 20 --timeout "2ms,8ms" --variants none,middle --fail "slow near rounds 0.. by 1ms" --progress never)
ends_with "$timeouts" 0 120
valid timeouts.h5
[ -s timeouts-report/inference_timeouts.csv ] || [ -n "$(compgen -G 'timeouts-report/*')" ] || fail "no report"
