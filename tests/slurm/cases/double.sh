#!/usr/bin/env bash
# A second job on the same file is refused, and does the first no harm.
set -euo pipefail
# shellcheck source=tests/slurm/steps.sh
. "${slurm:?}/steps.sh"

first=$(submit -n 1 "$root/jobs/run.sbatch" "$config" --output one.h5)
ranks halt "$first" one.h5 1 > /dev/null
second=$(submit -n 1 "$root/jobs/run.sbatch" "$config" --output one.h5)
ends_with "$second" 2
says "$second" '^deepfog: error: one\.h5\.journal: in use by another job'
ranks go "$first"
ends_with "$first" 0
same "$(reference)" one.h5
