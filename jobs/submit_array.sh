#!/usr/bin/env bash
# Submits a campaign as an array of jobs, each with a share of the runs, and a job after them that merges the shares:
#   jobs/submit_array.sh CONFIG --shares N [options of sbatch for the array] [-- options of `deepfog run`]
# The merging job begins when all tasks have ended; where one failed it says what is missing, and the same command again does only
# that. Partition, account and qos come from jobs/site.env or SBATCH_PARTITION, ..., for both jobs. Prints the two job ids.
# shellcheck source=jobs/preamble.sh
POSIXLY_CORRECT=1; unset -f readlink; own=$(readlink -f -- "${BASH_SOURCE[0]}"); . "${own%/*}/preamble.sh"
set -e
case ${1:-} in -h | --help) usage ;; '' | -*) fail "no CONFIG given" ;; esac
config=$1
shift
shares=''
slurm=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do
  case $1 in
    --shares) shares=${2:-}; shift ;;
    --shares=*) shares=${1#*=} ;;
    *) slurm+=("$1") ;;
  esac
  shift || fail "--shares needs a number"
done
if [ $# -gt 0 ]; then shift; fi
number --shares "$shares"
# shellcheck source=jobs/site.sh
. "$root/jobs/site.sh"
submit() {  # ARGUMENT of jobs/submit.sh ...: prints the id of the job
  local said
  said=$(env ${BASH_ENV:+"BASH_ENV=$BASH_ENV"} "$root/jobs/submit.sh" --parsable "$@") || exit
  said=${said##*$'\n'}
  echo "${said%%;*}"
}
array=$(submit --array="1-$shares" "${slurm[@]}" "$root/jobs/array.sbatch" "$config" --shares "$shares" "$@")
echo "array $array"
# Merging knows neither.
merging=()
while [ $# -gt 0 ]; do
  case $1 in
    --restart | --progress=*) ;;
    --progress) if [ $# -gt 1 ]; then shift; fi ;;
    *) merging+=("$1") ;;
  esac
  shift
done
merge=$(submit --dependency="afterany:$array" "$root/jobs/merge.sbatch" "$config" "${merging[@]}")
echo "merge $merge"
