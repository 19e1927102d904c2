# shellcheck shell=bash
# Sourced, with `root` set: reads jobs/site.env, or the file that DEEPFOG_SITE names, and loads its modules; once a job.
: "${root:?}"
read_site() {
  local site=${DEEPFOG_SITE:-$root/jobs/site.env} module
  local -a modules
  if [ "${DEEPFOG_SITE_READ:-}" = "$site@${SLURM_JOB_ID:-}" ]; then return; fi
  export DEEPFOG_SITE_READ=$site@${SLURM_JOB_ID:-}
  if [ ! -r "$site" ]; then
    if [ -z "${DEEPFOG_SITE:-}" ]; then return; fi
    echo "jobs/site.sh: error: DEEPFOG_SITE: $site cannot be read (a file like jobs/site.env.example allowed)" >&2
    return 2
  fi
  set -a
  # shellcheck source=jobs/site.env.example
  . "$site"
  set +a
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
