#!/usr/bin/env bash
# The job scripts on a real Slurm: brings up munge, slurmctld and virtual nodes on this machine (loopback only), submits
# jobs/*.sbatch, looks at the results files, takes everything down again. About five minutes; not part of tests/run.sh.
#   tests/slurm/run.sh [--keep] [CASE...]      default: all; --keep: leaves the folder with all logs
# As root on Debian it installs what packages.txt lists. DEEPFOG_BUILD_DIR names the build.
# shellcheck source=jobs/preamble.sh
POSIXLY_CORRECT=1; unset -f readlink; own=$(readlink -f -- "${BASH_SOURCE[0]}"); . "${own%/*}/../../jobs/preamble.sh"
set -e
slurm=$root/tests/slurm
keep=no
cases=()
for argument in "$@"; do
  case $argument in
    -h | --help) echo "cases: $(cd "$slurm/cases" && echo *.sh | sed 's/\.sh//g')"; usage ;;
    --keep) keep=yes ;;
    *)
      if [ ! -e "$slurm/cases/$argument.sh" ]; then
        echo "tests/slurm/run.sh: error: no case \"$argument\" (allowed: $(cd "$slurm/cases" && echo *.sh | sed 's/\.sh//g'))" >&2
        exit 2
      fi
      cases+=("$argument") ;;
  esac
done
if [ "${#cases[@]}" -eq 0 ]; then cases=(mismatch campaign double provenance array study infer limit); fi

skip_all() { echo "SKIPPED: $1"; exit 0; }
have_slurm() {
  local one
  for one in slurmctld slurmd sbatch munged; do command -v "$one" > /dev/null || return; done
}
PATH=$PATH:/usr/sbin:/sbin
if ! have_slurm; then
  if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then skip_all "no Slurm here, and it can be installed as root on Debian only"; fi
  mapfile -t packages < <(grep -v '^#' "$slurm/packages.txt")
  echo "slurm: installing ${packages[*]}" >&2
  log=$(mktemp)
  if ! { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${packages[@]}"; } > "$log" 2>&1; then
    tail -n 5 "$log"
    skip_all "Slurm's packages cannot be installed (above)"
  fi
  rm -f "$log"
  have_slurm || skip_all "Slurm's packages have no slurmctld, slurmd, sbatch or munged"
fi
getent hosts "$(hostname -s)" > /dev/null || skip_all "this machine's name ($(hostname -s)) has no address (a line in /etc/hosts)"
if [ ! -x "${DEEPFOG_BUILD_DIR:-$root/build}/deepfog" ]; then
  echo "tests/slurm/run.sh: error: ${DEEPFOG_BUILD_DIR:-$root/build}/deepfog is not built (jobs/build.sh)" >&2
  exit 2
fi

# shellcheck source=tests/slurm/cluster.sh
. "$slurm/cluster.sh"
work=$(mktemp -d /tmp/dfslurm.XXXXXX)  # short: PMIx has sockets below it
chmod 755 "$work"
python=$("$root/jobs/python.sh")
down() {
  cluster_down "$work/cluster" || true
  if [ "$keep" = yes ]; then echo "kept: $work"; else rm -rf "$work"; fi
}
trap down EXIT
trap 'exit 130' INT TERM

# What the jobs inherit must not come from whoever runs the tests.
for variable in $(compgen -e | grep -E '^(SLURM|SBATCH|SRUN|OMPI|PMIX|PRTE)_' || true); do unset "$variable"; done
unset DEEPFOG_LAUNCHER DEEPFOG_SRUN_MPI DEEPFOG_SRUN_OPTIONS DEEPFOG_MPIRUN_OPTIONS DEEPFOG_RANKS DEEPFOG_SCRATCH DEEPFOG_MAX_RESTARTS DEEPFOG_SITE_READ DEEPFOG_ROOT
unset DEEPFOG_STOP_LIMIT DEEPFOG_INFER_LIMIT DEEPFOG_SHARE DEEPFOG_SITE_GIVEN
begin=$SECONDS
if ! cluster_up "$work/cluster" 10 2 > "$work/cluster.log" 2>&1; then
  tail -n 20 "$work/cluster.log" "$work"/cluster/log/*.log
  echo "tests/slurm/run.sh: error: Slurm does not come up (above)" >&2
  exit 1
fi
echo "slurm: $(slurmctld -V), 10 virtual nodes of 2 CPUs up in $((SECONDS - begin)) s"
mkdir -p "$work/data" "$work/reference"
"$python" "$root/data/make_synthetic.py" any "$work/data/sensors.h5" --sources left:4,right:6 --classes 3 --samples 2000 > /dev/null
export DEEPFOG_DATA_DIR=$work/data
export slurm root work python

passed=0 failed=0 skipped=0
for name in "${cases[@]}"; do
  mkdir -p "$work/$name"
  begin=$SECONDS
  code=0
  (cd "$work/$name" && exec timeout -k 10 240 bash "$slurm/cases/$name.sh" > "$work/$name/case.out" 2>&1) || code=$?
  seconds=$((SECONDS - begin))
  case $code in
    0) passed=$((passed + 1)); echo "$name: passed, $seconds s$(sed -n 's/^NOTE: /; /p' "$work/$name/case.out" | tr -d '\n')" ;;
    77) skipped=$((skipped + 1)); echo "$name: $(tail -n 1 "$work/$name/case.out")" ;;
    *)
      failed=$((failed + 1))
      tail -n 30 "$work/$name/case.out"
      echo "$name: FAILED (code $code), $seconds s"
      # Its jobs must not be in the way of the next case.
      scancel --user="$(id -un)" > /dev/null 2>&1 || true ;;
  esac
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
