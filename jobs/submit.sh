#!/usr/bin/env bash
# sbatch with the partition, account and whatever else jobs/site.env has (jobs/site.env.example):
#   jobs/submit.sh [options of sbatch] jobs/SCRIPT.sbatch [its arguments]
# shellcheck source=jobs/preamble.sh
POSIXLY_CORRECT=1; unset -f readlink; own=$(readlink -f -- "${BASH_SOURCE[0]}"); . "${own%/*}/preamble.sh"
set -e
case ${1:-} in -h | --help) usage ;; esac
if ! command -v sbatch > /dev/null; then fail "no sbatch in PATH (without Slurm: bash jobs/SCRIPT.sbatch ...)"; fi
# shellcheck source=jobs/site.sh
. "$root/jobs/site.sh"
export DEEPFOG_ROOT=$root
exec sbatch "$@"
