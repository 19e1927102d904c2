# shellcheck shell=bash
# Sourced, with `program` set: the values in force of a config file, as the program tells scripts.
#   read_settings [OPTION ...]   asks it once, with the options of its verb. Fills the array `settings` by SECTION.KEY, and sets
#                                `verb` (run, partition or infer) and `section`, which holds name, output and threads. Wrong input
#                                ends the script here.
: "${program:?}"
declare -A settings=()
read_settings() {
  local entry
  settings=()
  while IFS= read -r -d '' entry; do settings[${entry%%=*}]=${entry#*=}; done < <("$program" config list --null "$@")
  wait "$!" || exit
  verb=${settings[verb]}
  # shellcheck disable=SC2034  # the scripts use it
  case $verb in run) section=campaign ;; infer) section=inference ;; *) section=$verb ;; esac
}
