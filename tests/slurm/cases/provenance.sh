#!/usr/bin/env bash
# The results file says which job made it, on which nodes, with which modules and environment, for each time it was started; secrets
# are left out.
set -euo pipefail
# shellcheck source=tests/slurm/steps.sh
. "${slurm:?}/steps.sh"

export DEEPFOG_TEST_TOKEN=hunter2 LOADEDMODULES=gcc/12:openmpi/4.1
job=$(submit --nodes=2 "$root/jobs/run.sbatch" "$config" --output where.h5)
ranks halt "$job" where.h5 1 > /dev/null
interrupt "$job" "$job.log"
ends_with "$job" 0
"$python" - "$job" << 'CHECK' || fail "the file tells something else (above)"
import sys
import h5py
job = sys.argv[1]
sessions = [group for _, group in sorted(h5py.File("where.h5")["sessions"].items())]
text = [{key: value.decode() if isinstance(value, bytes) else value for key, value in one.attrs.items()} for one in sessions]
print(text)
assert [one["job"] for one in text] == [f"slurm {job}", f"slurm {job} (restart 1)"]
for one, group in zip(text, sessions):
    assert one["nodes"].startswith("n[") and one["modules"] == "gcc/12:openmpi/4.1" and one["ranks"] == 4
    environment = group["environment"][()]
    lines = (environment if isinstance(environment, bytes) else environment[0]).decode().splitlines()
    assert f"SLURM_JOB_ID={job}" in lines, lines
    assert not any("DEEPFOG_TEST_TOKEN" in line for line in lines), lines
with open("where.h5", "rb") as file:
    assert b"hunter2" not in file.read()
CHECK
