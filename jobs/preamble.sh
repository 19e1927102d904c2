# shellcheck shell=bash
# Sourced first by every script, which names itself in `own` beforehand:
#   POSIXLY_CORRECT=1; unset -f readlink; own=$(readlink -f -- "${BASH_SOURCE[0]}"); . "${own%/*}/preamble.sh"
# Whatever the caller's environment, a script finds its checkout (`root`; links are followed), its commands, and numbers with
# a point. POSIXLY_CORRECT lets `unset` and `.` come before functions of these names that the caller has exported.
#   settle          does away with settings of the shell that change what the script's commands do
#   fail MESSAGE    one line, with the script's path in the checkout (`script`), and exit code 2
#   number WHAT N   fails unless N is a whole number from 1
#   usage           prints the script's first comment, exit code 0
#   cores           prints how many CPUs this process may use
: "${own:?}"
\unalias -a
# Exported functions that hide a command go; others stay, such as a cluster's module().
# shellcheck disable=SC2046
unset -f unset builtin && unset -f -- $(builtin compgen -b)
for hidden in $(compgen -A function); do
  if type -P -- "$hidden" > /dev/null; then unset -f -- "$hidden"; fi
done
# The caller's shell options and variables that change what commands do; the children of a script get none of them.
export -n SHELLOPTS BASHOPTS BASH_ENV ENV
# What the caller or a site's file set: options, variables that change what commands do, and a locale with other numbers.
settle() {
  set +o posix
  set +abefkmntC +o errtrace +o functrace +o physical
  shopt -u nullglob failglob dotglob nocaseglob nocasematch xpg_echo extdebug expand_aliases lastpipe inherit_errexit
  unset POSIXLY_CORRECT CDPATH GLOBIGNORE EXECIGNORE GREP_OPTIONS GREP_COLORS GREP_COLOR AWKPATH NINJA_STATUS LANGUAGE
  IFS=$' \t\n'
  set -uo pipefail
  # Numbers and messages of all commands in the C locale; text keeps the caller's encoding.
  if [ -n "${LC_ALL:-}" ]; then export LC_CTYPE=$LC_ALL; fi 2> /dev/null
  unset LC_ALL
  export LC_NUMERIC=C LC_COLLATE=C LC_TIME=C LC_MESSAGES=C
  # Where it was not set, bash uses a path of its own, which commands would not get.
  export PATH
}
settle
# A file that is opened must not become standard input, output or error; the shell may have opened the script as such.
closed() { [[ ! -e /dev/fd/$1 || /dev/fd/$1 -ef $own ]]; }
if closed 0; then exec < /dev/null; fi
if closed 1; then exec > /dev/null; fi
if closed 2; then exec 2> /dev/null; fi
umask u+rwx
case ${TMPDIR:-/} in
  /*) if [ ! -d "${TMPDIR:-/}" ] || [ ! -w "${TMPDIR:-/tmp}" ]; then unset TMPDIR; fi ;;
  *) unset TMPDIR ;;
esac

root=$(readlink -f -- "${BASH_SOURCE[0]}")
root=${root%/jobs/preamble.sh}
script=${own#"$root"/}

fail() { echo "$script: error: $1" >&2; exit 2; }
usage() { sed -n '2,${/^#SBATCH/d; /^# shellcheck/q; /^#/!q; s/^# \{0,1\}//p;}' "$own"; exit 0; }
number() { case $2 in '' | *[!0-9]* | 0*) fail "$1 \"$2\" (a whole number from 1 allowed)" ;; esac; }
# nproc heeds what OpenMP was told; a script decides that itself.
cores() { env -u OMP_NUM_THREADS -u OMP_THREAD_LIMIT nproc 2> /dev/null || getconf _NPROCESSORS_ONLN 2> /dev/null || echo 1; }
