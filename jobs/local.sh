#!/usr/bin/env bash
# The main job on this machine: sets up and builds if needed, prepares the data, runs a campaign on every core, prints
# the tables and draws the figures. A config with a section [partition] is a study of a network cut over devices.
#   jobs/local.sh [CONFIG] [--ranks N] [options of `deepfog run`]      default: configs/quickstart.ini
#   jobs/local.sh CONFIG [--ranks N] [options of `deepfog partition`]  e.g. configs/robustdice-cifar10.ini
#   jobs/local.sh infer --weights FILE [options of `deepfog infer`]    a distributed run, see jobs/infer.sh
# The same command goes on with a campaign that was interrupted.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
config=$root/configs/quickstart.ini
ranks=$(env -u OMP_NUM_THREADS nproc)  # which it would heed
options=()
told=run
case ${1:-} in infer) shift; exec "$root/jobs/infer.sh" "$@" ;; '' | -*) ;; *) config=$1; shift ;; esac
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) sed -n '2,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 0 ;;
    --ranks) ranks=${2:-}; shift ;;
    --ranks=*) ranks=${1#*=} ;;
    --print-config) told=$1 ;;
    *) options+=("$1") ;;
  esac
  shift || { echo "jobs/local.sh: error: --ranks needs a number" >&2; exit 2; }
done
case $ranks in '' | *[!0-9]* | 0*) echo "jobs/local.sh: error: --ranks \"$ranks\" (a whole number from 1 allowed)" >&2; exit 2 ;; esac

"$root/jobs/setup.sh"
"$root/jobs/build.sh"
program=${DEEPFOG_BUILD_DIR:-$root/build}/deepfog
# shellcheck source=jobs/mpi_environment.sh
. "$root/jobs/mpi_environment.sh"

verb=run
if grep -qs '^\[partition\]' "$config"; then verb=partition; fi

# What the config asks for, --set and --output included; also the first check of the input.
effective=$("$program" "$verb" --config "$config" "${options[@]}" --print-config)
value_of() { sed -n "s/^$1 = //p" <<< "$effective" | sed 's/ *# [^#]*$//'; }
for dataset in $(value_of dataset | sort -u); do
  case $dataset in mhealth | mhealth-windows | camera | cifar10 | mnist | mnist-tiles) "$root/data/prepare.sh" "$dataset" >&2 ;; esac
done
if [ "$told" != run ]; then echo "$effective"; exit 0; fi

code=0
mpirun -np "$ranks" "$program" "$verb" --config "$config" "${options[@]}" || code=$?
if [ "$code" = 75 ]; then echo "interrupted; the same command goes on: jobs/local.sh ${config#"$root"/} --ranks $ranks ${options[*]}" >&2; fi
case " ${options[*]} " in *" --dry-run "*) exit "$code" ;; esac
if [ "$code" != 0 ]; then exit "$code"; fi
if [ "$verb" = partition ] && [ "$(value_of weights)" = random ]; then exit 0; fi  # no accuracies, no results file
"$root/postprocess/report.py" "$(value_of output)" --paths-only
