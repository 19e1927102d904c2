#!/usr/bin/env bash
# Starts the program on the ranks of this Slurm job, or of this machine, by srun or mpirun, and says which and why.
#   jobs/launch.sh [--ranks N] [--threads T] [--explain | --print-ranks] PROGRAM [ARGUMENT ...]
# Ranks: N, DEEPFOG_RANKS, the job's tasks (sbatch -n), or one for every T physical cores; T: threads a rank (1). srun is taken
# inside a job, where a type of `srun --mpi=list` starts the program as one MPI world (tried with two ranks); else mpirun.
# DEEPFOG_LAUNCHER=auto|srun|mpirun, DEEPFOG_SRUN_MPI and what else jobs/site.env.example has decide otherwise. --explain,
# --print-ranks: starts nothing, says what it would be.
# shellcheck source=jobs/preamble.sh
POSIXLY_CORRECT=1; unset -f readlink; own=$(readlink -f -- "${BASH_SOURCE[0]}"); . "${own%/*}/preamble.sh"
set -e

ranks=''
threads=1
explain=no
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) usage ;;
    --ranks | --threads)
      number "$1" "${2:-}"
      if [ "$1" = --ranks ]; then ranks=$2; else threads=$2; fi
      shift 2 ;;
    --explain | --print-ranks) explain=$1; shift ;;
    -*) fail "$1: unknown option (--ranks, --threads, --explain, --print-ranks allowed)" ;;
    *) break ;;
  esac
done
[ $# -gt 0 ] || fail "no program given (jobs/launch.sh --help)"
# shellcheck source=jobs/site.sh
. "$root/jobs/site.sh"
# shellcheck source=jobs/mpi_environment.sh
. "$root/jobs/mpi_environment.sh"
export OMP_NUM_THREADS=$threads

# CPUs of each node of the job, a line each: "2(x3),4" is 2 2 2 4.
node_cpus() {
  tr ',' '\n' <<< "$SLURM_JOB_CPUS_PER_NODE" | awk -F '[(x)]+' '{times = NF > 1 ? $2 + 0 : 1; for (i = 0; i < times; ++i) print $1}'
}
# Hardware threads share a core, and two ranks on one core gain nothing. CPUs a core, by what Slurm knows of the job's first node
# (nodes are taken to be alike), by what the kernel knows of this machine; 1 where neither tells.
slurm_cpus_per_core() {
  local node=${SLURMD_NODENAME:-}
  if [ -z "$node" ]; then node=$(scontrol show hostnames "${SLURM_JOB_NODELIST:-}" | head -n 1); fi
  scontrol --oneliner show node "$node" | tr ' ' '\n' | awk -F= '
    { value[$1] = $2 }
    END { cores = value["Sockets"] * value["CoresPerSocket"]; print (cores > 0 && value["CPUTot"] > cores ? int(value["CPUTot"] / cores) : 1) }'
}
own_cpus_per_core() {
  lscpu -p=CPU,CORE,SOCKET | awk -F, '!/^#/ { ++cpus; if (!seen[$2, $3]++) ++cores } END { print (cores > 0 ? int(cpus / cores) : 1) }'
}
nodes=1
if [ -n "${SLURM_JOB_ID:-}" ] && [ -n "${SLURM_JOB_CPUS_PER_NODE:-}" ]; then
  mapfile -t cpus < <(node_cpus)
  nodes=${#cpus[@]}
  share=$(slurm_cpus_per_core 2> /dev/null || echo 1)
else
  cpus=("$(cores)")
  share=$(own_cpus_per_core 2> /dev/null || echo 1)
fi
physical=0
capacity=0                  # ranks that find cores of their own
least=${cpus[0]}            # cores of the smallest node
for node in "${cpus[@]}"; do
  mine=$(((node + share - 1) / share))
  physical=$((physical + mine))
  capacity=$((capacity + mine / threads))
  if [ "$mine" -lt "$least" ]; then least=$mine; fi
done
if [ "$capacity" = 0 ]; then capacity=1; fi

if [ -n "$ranks" ]; then whence="as asked for"
elif [ -n "${DEEPFOG_RANKS:-}" ]; then number DEEPFOG_RANKS "$DEEPFOG_RANKS"; ranks=$DEEPFOG_RANKS; whence=DEEPFOG_RANKS
elif [ -n "${SLURM_JOB_ID:-}" ] && [ -n "${SLURM_NTASKS:-}" ]; then ranks=$SLURM_NTASKS; whence="the job's tasks"
else ranks=$capacity; whence="$physical cores"
fi
if [ "$explain" = --print-ranks ]; then echo "$ranks"; exit 0; fi

# Two ranks of the program and a config that is not there: one world says that it cannot be read; ranks that do not find each
# other say something else.
probe() {
  local said
  said=$(timeout -k 5 60 srun --mpi="$1" --ntasks=2 --nodes=1 --overcommit "${srun_options[@]}" "$program" run --config /dev/null/probe 2>&1 < /dev/null || true)
  grep -q 'deepfog: error: /dev/null/probe: cannot be read' <<< "$said"
}
# Types that this Slurm has, the likeliest first; older versions tell them on standard error.
srun_types() {
  local all
  all=$(timeout 60 srun --mpi=list 2>&1 < /dev/null | tr -c 'a-z0-9_\n' '\n' | grep -xE 'pmix(_v[0-9]+)?|pmi2|cray_shasta|pmi1?' | sort -u || true)
  grep -x pmix <<< "$all" || true
  grep -x 'pmix_v[0-9]*' <<< "$all" | sort -r || true
  grep -vx 'pmix.*' <<< "$all" || true
}
program=$1
read -ra srun_options <<< "${DEEPFOG_SRUN_OPTIONS:-}"
read -ra mpirun_options <<< "${DEEPFOG_MPIRUN_OPTIONS:-}"
launcher=${DEEPFOG_LAUNCHER:-auto}
case $launcher in auto | srun | mpirun) ;; *) fail "DEEPFOG_LAUNCHER \"$launcher\" (auto, srun, mpirun allowed)" ;; esac
type=''
if [ "$launcher" = mpirun ]; then why="DEEPFOG_LAUNCHER"
elif [ -z "${SLURM_JOB_ID:-}" ]; then
  [ "$launcher" = auto ] || fail "DEEPFOG_LAUNCHER=srun outside a Slurm job (auto or mpirun allowed)"
  why="not in a Slurm job"
elif ! command -v srun > /dev/null; then
  [ "$launcher" = auto ] || fail "DEEPFOG_LAUNCHER=srun but there is no srun in PATH"
  why="no srun here"
else
  read -ra types <<< "${DEEPFOG_SRUN_MPI:-$(srun_types | tr '\n' ' ')}"
  tried="${types[*]:-none}"
  for one in "${types[@]}"; do
    if probe "$one"; then type=$one; break; fi
  done
  if [ -n "$type" ]; then
    why="--mpi=$type makes one MPI world"
  elif [ "$launcher" = srun ] || [ -n "${DEEPFOG_SRUN_MPI:-}" ]; then
    fail "srun --mpi=$tried with 2 tasks: they do not see each other as 2 ranks of one MPI world (a type of srun --mpi=list that the program's MPI library supports, or DEEPFOG_LAUNCHER=mpirun allowed)"
  else
    why="no type of srun --mpi=list makes one MPI world (tried: $tried)"
  fi
fi

# Ranks of the scaling study fill one node after the other; those of `sbatch -n` go where Slurm put the tasks.
wanted=$nodes
if [ "$ranks" != "${SLURM_NTASKS:-}" ]; then
  fit=$((least / threads > 0 ? least / threads : 1))
  if [ $(((ranks + fit - 1) / fit)) -lt "$nodes" ]; then wanted=$(((ranks + fit - 1) / fit)); fi
  unset SLURM_NTASKS_PER_NODE SLURM_NPROCS
fi
if [ -n "$type" ]; then
  command=(srun "--mpi=$type" "--nodes=$wanted" "--ntasks=$ranks" "--cpus-per-task=$threads")
  if [ "$ranks" -gt "$capacity" ]; then command=(srun "--mpi=$type" "--nodes=$wanted" "--ntasks=$ranks" --overcommit); fi
  command+=("${srun_options[@]}")
else
  command -v mpirun > /dev/null || fail "no mpirun in PATH (load the module of the MPI library the program was built with: DEEPFOG_MODULES in jobs/site.env)"
  command=(mpirun -np "$ranks")
  # By default mpirun fills a node rank by rank, as if each had one thread.
  if [ "$nodes" -gt 1 ] && [ "$threads" -gt 1 ] && [ "$ranks" -le "$capacity" ] && [ "$ranks" != "${SLURM_NTASKS:-}" ]; then
    command+=(--map-by "ppr:$((least / threads)):node")
  fi
  command+=("${mpirun_options[@]}")
fi
echo "launch: $ranks rank$([ "$ranks" = 1 ] || echo s) ($whence), $threads thread$([ "$threads" = 1 ] || echo s) each, on $wanted node$([ "$wanted" = 1 ] || echo s), by ${command[0]} ($why)" >&2
if [ "$explain" = --explain ]; then
  echo "${command[*]} $*"
  exit 0
fi
exec "${command[@]}" "$@"
