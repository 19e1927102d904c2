# shellcheck shell=bash
# Sourced, with `root` set: reads jobs/site.env, or the file that DEEPFOG_SITE names, and loads its modules; once a job.
# DEEPFOG_SITE_GIVEN: what the environment had before, which wins over the file, in a job's turn, too.
: "${root:?}"
read_site() {
  local site=${DEEPFOG_SITE:-$root/jobs/site.env} module variable
  local -a modules
  local -A given=()
  if [ "${DEEPFOG_SITE_READ:-}" = "$site@${SLURM_JOB_ID:-}" ]; then return; fi
  if [ -z "${DEEPFOG_SITE_READ:-}" ]; then
    DEEPFOG_SITE_GIVEN=$(compgen -e | grep -E '^(DEEPFOG|SBATCH|OMPI_MCA|PRTE_MCA)_' | tr '\n' ' ' || true)
  fi
  export DEEPFOG_SITE_GIVEN
  export DEEPFOG_SITE_READ=$site@${SLURM_JOB_ID:-}
  if [ ! -r "$site" ]; then
    if [ -z "${DEEPFOG_SITE:-}" ]; then return; fi
    echo "jobs/site.sh: error: DEEPFOG_SITE: $site cannot be read (a file like jobs/site.env.example allowed)" >&2
    return 2
  fi
  # Neither sites nor modules are written for `set -u`.
  local -
  set +u
  for variable in $DEEPFOG_SITE_GIVEN; do given[$variable]=${!variable}; done
  set -a
  # shellcheck source=jobs/site.env.example
  . "$site"
  set +a
  for variable in "${!given[@]}"; do export "$variable=${given[$variable]}"; done
  read -ra modules <<< "${DEEPFOG_MODULES:-}"
  for module in "${modules[@]}"; do
    if ! command -v module > /dev/null; then
      echo "jobs/site.sh: error: DEEPFOG_MODULES=\"$DEEPFOG_MODULES\" but there is no command \"module\" here" >&2
      return 2
    fi
    if ! module load "$module"; then
      echo "jobs/site.sh: error: module $module cannot be loaded (what \"module avail\" shows allowed)" >&2
      return 2
    fi
  done
}
read_site
