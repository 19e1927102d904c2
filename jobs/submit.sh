#!/usr/bin/env bash
# sbatch with the partition, account and whatever else jobs/site.env has (jobs/site.env.example):
#   jobs/submit.sh [options of sbatch] jobs/SCRIPT.sbatch [its arguments]
# What the job would refuse, such as a config that does not exist, is refused before it is queued (exit code 2).
# shellcheck source=jobs/preamble.sh
POSIXLY_CORRECT=1; unset -f readlink; own=$(readlink -f -- "${BASH_SOURCE[0]}"); . "${own%/*}/preamble.sh"
set -e
case ${1:-} in -h | --help) usage ;; esac
# shellcheck source=jobs/site.sh
. "$root/jobs/site.sh"
program=${DEEPFOG_BUILD_DIR:-$root/build}/deepfog

# Arguments of a batch script of this folder, in the folder where it will run: exit code 2 where its input is wrong.
check_arguments() {  # SCRIPT [ARGUMENT ...]
  local job=$1 config='' options=()
  shift
  case $job in
    infer) ;;
    run | timeout) case ${1:-} in '' | -*) ;; *) config=$1; shift ;; esac ;;
    *) if [ $# -eq 0 ]; then fail "jobs/$job.sbatch: no CONFIG given"; fi; config=$1; shift ;;
  esac
  if [ -n "$config" ]; then
    if [ ! -f "$config" ] || [ ! -r "$config" ]; then fail "$config: cannot be read (a config file allowed)"; fi
    options=(--config "$config")
  elif [ "$job" != infer ]; then
    return
  fi
  while [ $# -gt 0 ]; do
    case $job$1 in
      array--shares | scaling--kinds | scaling--ranks | infer--groups) if [ $# -gt 1 ]; then shift; fi ;;
      infer--groups=*) ;;
      *) options+=("$1") ;;
    esac
    shift
  done
  # Where the program does not run on this machine, the job tells.
  local said code=0
  said=$("$program" config list "${options[@]}" 2>&1 > /dev/null) || code=$?
  if [ "$code" = 2 ]; then echo "$said" >&2; exit 2; fi
}
folder=.
previous=''
for ((at = 1; at <= $#; ++at)); do
  word=${!at}
  case $word in --chdir=*) folder=${word#*=} ;; esac
  case $previous in -D | --chdir) folder=$word ;; esac
  previous=$word
  if [[ $word != *.sbatch ]]; then continue; fi
  if [ ! -r "$word" ]; then fail "$word: cannot be read (a batch script allowed)"; fi
  job=${word##*/}
  if [ "$word" -ef "$root/jobs/$job" ]; then (cd -- "$folder" && check_arguments "${job%.sbatch}" "${@:at + 1}") || exit 2; fi
  break
done
if ! command -v sbatch > /dev/null; then fail "no sbatch in PATH (without Slurm: bash jobs/SCRIPT.sbatch ...)"; fi
# The job's shell may need what the cluster has there, such as the command "module".
if [ -n "${BASH_ENV:-}" ]; then export BASH_ENV; fi
export DEEPFOG_ROOT=$root
exec sbatch "$@"
