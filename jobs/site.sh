# shellcheck shell=bash
# Sourced, with `root` set: reads jobs/site.env, or the file that DEEPFOG_SITE names, and loads its modules; once a job. Where the
# file is wrong the script ends with one line and exit code 2.
# DEEPFOG_SITE_GIVEN: what the environment had before, which wins over the file, in a job's turn, too.
: "${root:?}"
site_fail() { echo "jobs/site.sh: error: $1" >&"${site_stderr:-2}"; exit 2; }

# Runs the file FILE in this shell, as shell text with or without a byte order mark and carriage returns. What its commands say is
# shown unless one of them fails. The script's own names and the shell's options stay as they are.
site_run() {
  local site_file=$1 site_said text problem
  text=$(tr -d '\0' < "$site_file" && echo .)
  text=${text%.}
  if [ "$(wc -c < "$site_file")" != "$(LC_ALL=C; echo "${#text}")" ]; then site_fail "$site_file: is not plain text (UTF-8 allowed)"; fi
  text=${text#$'\xef\xbb\xbf'}
  text=${text//$'\r'$'\n'/$'\n'}
  text=${text%$'\r'}
  if ! problem=$(bash -n <<< "$text" 2>&1); then
    problem=${problem%%$'\n'*}
    site_fail "$site_file: ${problem#bash: }"
  fi
  site_said=$(mktemp) || site_fail "no temporary file can be made (a folder in TMPDIR allowed)"
  exec {site_stderr}>&2
  trap 'rm -f "$site_said"; site_fail "$site_file: ends the script (a command \"exit\" is not allowed)"' EXIT
  trap 'site_failed "$?" "$LINENO" "$BASH_COMMAND"' ERR
  # shellcheck disable=SC2034  # what the file calls so is the file's own
  local root=$root own=${own:-} script=${script:-} program=${program:-}
  # shellcheck disable=SC2317  # the file calls it
  exec() { trap - ERR EXIT; rm -f "$site_said"; site_fail "$site_file: ends the script (a command \"exec\" is not allowed)"; }
  set -a
  # shellcheck source=jobs/site.env.example
  . <(printf '%s\n:\n' "$text") 2> "$site_said"
  trap - ERR EXIT
  unset -f exec
  settle
  set +u
  cat "$site_said" >&2
  rm -f "$site_said"
  exec {site_stderr}>&-
  unset site_stderr
}
site_failed() {
  trap - ERR EXIT
  local last where=$site_file:$2 command=${3%%$'\n'*}
  if [[ $command == ". <("* ]]; then where=$site_file command="return $1"; fi
  last=$(tail -n 1 "$site_said")
  last=${last#/dev/fd/*: line *: }
  rm -f "$site_said"
  site_fail "$where: \"$command\" fails with $1${last:+: $last} (where that may be: COMMAND || true)"
}

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
  if [ -z "${DEEPFOG_SITE:-}" ] && [ ! -e "$site" ]; then return; fi
  if [ ! -r "$site" ] || [ -d "$site" ] || [ -p "$site" ]; then
    site_fail "${DEEPFOG_SITE:+DEEPFOG_SITE: }$site cannot be read (a file like jobs/site.env.example allowed)"
  fi
  # Neither sites nor modules are written for `set -eu`.
  local -
  set +eu
  for variable in $DEEPFOG_SITE_GIVEN; do given[$variable]=${!variable}; done
  site_run "$site"
  for variable in "${!given[@]}"; do export "$variable=${given[$variable]}"; done
  read -ra modules <<< "${DEEPFOG_MODULES:-}"
  for module in "${modules[@]}"; do
    if ! command -v module > /dev/null; then
      site_fail "DEEPFOG_MODULES=\"$DEEPFOG_MODULES\" but there is no command \"module\" here"
    fi
    if ! module load "$module"; then
      site_fail "module $module cannot be loaded (what \"module avail\" shows allowed)"
    fi
  done
}
read_site
