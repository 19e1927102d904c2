#!/usr/bin/env bash
# Tasks that do not see each other as ranks are told so, before any work.
set -euo pipefail
# shellcheck source=tests/slurm/steps.sh
. "${slurm:?}/steps.sh"

cat > alone.sh << JOB
#!/usr/bin/env bash
export DEEPFOG_LAUNCHER=srun DEEPFOG_SRUN_MPI=none
"$root/jobs/launch.sh" "$program" run --config "$config" --output alone.h5
JOB
job=$(submit -n 2 alone.sh)
ends_with "$job" 2
says "$job" '^jobs/launch.sh: error: srun --mpi=none with 2 tasks: they do not see each other as 2 ranks of one MPI world'
[ ! -e alone.h5 ] || fail "it ran all the same"
# Left to itself it finds a type that works, or takes mpirun.
job=$(submit -n 2 --wrap "'$root/jobs/launch.sh' '$program' run --config '$config' --set campaign.runs=1 --output both.h5")
ends_with "$job" 0
says "$job" '^launch: 2 ranks \(the job.s tasks\), 1 thread each, on 1 node, by (srun \(--mpi=pmix|mpirun)'
valid both.h5
