#!/usr/bin/env bash
# The main job on this machine: sets up and builds if needed, prepares the data, runs a campaign on every core, prints
# the tables and draws the figures. A config with a section [partition] is a study of a network cut over devices.
#   jobs/local.sh [CONFIG] [--ranks N] [options of `deepfog run`]      default: configs/quickstart.ini
#   jobs/local.sh CONFIG [--ranks N] [options of `deepfog partition`]  e.g. configs/robustdice-cifar10.ini
#   jobs/local.sh infer --weights FILE [options of `deepfog infer`]    a distributed run, see jobs/infer.sh
# The same command goes on with a campaign that was interrupted.
# shellcheck source=jobs/preamble.sh
POSIXLY_CORRECT=1; unset -f readlink; own=$(readlink -f -- "${BASH_SOURCE[0]}"); . "${own%/*}/preamble.sh"
set -e
config=$root/configs/quickstart.ini
ranks=$(cores)
options=()
told=''
case ${1:-} in infer) shift; exec "$root/jobs/infer.sh" "$@" ;; '' | -*) ;; *) config=$1; shift ;; esac
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) usage ;;
    --ranks) ranks=${2:-}; shift ;;
    --ranks=*) ranks=${1#*=} ;;
    --print-config | --print-config=*) told=$1 ;;
    *) options+=("$1") ;;
  esac
  shift || fail "--ranks needs a number"
done
number --ranks "$ranks"

"$root/jobs/setup.sh"
"$root/jobs/build.sh"
program=${DEEPFOG_BUILD_DIR:-$root/build}/deepfog
# shellcheck source=jobs/mpi_environment.sh
. "$root/jobs/mpi_environment.sh"

# shellcheck source=jobs/settings.sh
. "$root/jobs/settings.sh"
# shellcheck source=jobs/supervise.sh
. "$root/jobs/supervise.sh"

# What the config asks for, --set and --output included; also the first check of the input.
read_settings --config "$config" "${options[@]}"
if [ "$verb" = infer ]; then exec "$root/jobs/infer.sh" --no-setup --config "$config" "${options[@]}" ${told:+"$told"}; fi
declare -A datasets=()
for key in "${!settings[@]}"; do
  case $key=${settings[$key]} in
    *.dataset=mhealth | *.dataset=mhealth-windows | *.dataset=camera | *.dataset=cifar10 | *.dataset=mnist | *.dataset=mnist-tiles) datasets[${settings[$key]}]=wanted ;;
  esac
done
for dataset in "${!datasets[@]}"; do "$root/data/prepare.sh" "$dataset" >&2; done
if [ -n "$told" ]; then exec "$program" "$verb" --config "$config" "${options[@]}" "$told"; fi

output=${settings[$section.output]}
before=$(stamp_of "$output")
for signal in INT TERM HUP USR1; do
  # shellcheck disable=SC2064
  trap "end_early $signal" "$signal"
done
supervise mpirun -np "$ranks" "$program" "$verb" --config "$config" "${options[@]}"
judge "$output" "$before"
if [ "$code" = 75 ]; then echo "interrupted; the same command goes on:$(printf ' %q' "$0" "$config" --ranks "$ranks" "${options[@]}")" >&2; fi
trap - INT TERM HUP USR1
case " ${options[*]} " in *" --dry-run "*) exit "$code" ;; esac
if [ "$code" != 0 ]; then exit "$code"; fi
if [ "$verb" = partition ] && [ "${settings[partition.weights]:-}" = random ]; then exit 0; fi  # no accuracies, no results file
"$root/postprocess/report.py" "$output" --paths-only
