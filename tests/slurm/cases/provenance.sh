#!/usr/bin/env bash
# The results file says which job made it, and on which nodes.
set -euo pipefail
# shellcheck source=tests/slurm/steps.sh
. "${slurm:?}/steps.sh"

job=$(submit --nodes=2 "$root/jobs/run.sbatch" "$config" --set campaign.runs=1 --output where.h5)
ends_with "$job" 0
code=0
"$python" - "$job" "$(field "$job" NodeList)" << 'CHECK' || code=$?
import sys
import h5py
file = h5py.File("where.h5")
if "sessions" not in file:
    sys.exit(77)
session = file["sessions"][sorted(file["sessions"])[0]]
text = {key: value.decode() if isinstance(value, bytes) else str(value) for key, value in session.attrs.items()}
print(text)
assert sys.argv[1] in text["job"], text["job"]
assert sys.argv[2] in text["nodes"], text["nodes"]
CHECK
if [ "$code" = 77 ]; then skip "this program's results files have no /sessions"; fi
exit "$code"
