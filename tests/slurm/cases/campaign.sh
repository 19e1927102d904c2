#!/usr/bin/env bash
# jobs/run.sbatch over whole nodes, by srun and by mpirun, gives what a run without Slurm gives.
set -euo pipefail
# shellcheck source=tests/slurm/steps.sh
. "${slurm:?}/steps.sh"

for launcher in auto mpirun; do
  export DEEPFOG_LAUNCHER=$launcher
  job=$(submit --nodes=2 "$root/jobs/run.sbatch" "$config" --output "$launcher.h5")
  jobs="${jobs:-} $job"
done
for job in $jobs; do
  ends_with "$job" 0
  says "$job" '^launch: 4 ranks \(4 cores\), 1 thread each, on 2 nodes, by'
  says "$job" 'RESULT campaign=small .* valid=1 status=complete'
done
says "$job" 'by mpirun \(DEEPFOG_LAUNCHER\)'
same "$(reference)" auto.h5
same "$(reference)" mpirun.h5
