#!/usr/bin/env bash
# sbatch with the partition, account and whatever else jobs/site.env has (jobs/site.env.example):
#   jobs/submit.sh [options of sbatch] jobs/SCRIPT.sbatch [its arguments]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
case ${1:-} in -h | --help) sed -n '2,3s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 0 ;; esac
if ! command -v sbatch > /dev/null; then echo "jobs/submit.sh: error: no sbatch in PATH (without Slurm: bash jobs/SCRIPT.sbatch ...)" >&2; exit 2; fi
# shellcheck source=jobs/site.sh
. "$root/jobs/site.sh"
export DEEPFOG_ROOT=$root
exec sbatch "$@"
