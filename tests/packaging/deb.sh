#!/usr/bin/env bash
# Builds the .deb, installs it with apt into a bare Debian of this machine's release, and works with it there as an ordinary
# user: versions, a synthetic campaign on two ranks, its report, a distributed run with a killed node, another project.
#   tests/packaging/deb.sh [--keep FOLDER]      --keep: the package and the root stay there
# Says "SKIPPED: why" and succeeds where no such root can be made. DEEPFOG_BUILD_DIR: the build folder.
# shellcheck source=jobs/preamble.sh
POSIXLY_CORRECT=1; unset -f readlink; own=$(readlink -f -- "${BASH_SOURCE[0]}"); . "${own%/*}/../../jobs/preamble.sh"
set -e
source=$root
tests=$root/tests/packaging
# shellcheck source=tests/packaging/debian_root.sh
. "$tests/debian_root.sh"
keep=''
case ${1:-} in
  -h | --help) usage ;;
  --keep) keep=${2:-} ;;
  --keep=*) keep=${1#*=} ;;
  ?*) fail "$1: unknown option (--keep FOLDER allowed)" ;;
esac
if [ $# -gt 0 ] && [ -z "$keep" ]; then fail "--keep needs a folder"; fi
if [ -e "$keep" ] && [ ! -f "$keep/root/etc/deepfog-root" ] && [ -n "$(ls -A "$keep")" ]; then
  fail "--keep $keep: holds something else (a new or empty folder allowed, or one of an earlier call)"
fi
why=$(why_no_root)
suite=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
if [ -z "$why" ] && { ! grep -qs '^ID=debian' /etc/os-release || ! command -v dpkg-shlibdeps > /dev/null; }; then
  why="needs Debian with dpkg-dev"
fi
if [ -n "$why" ]; then echo "SKIPPED: $why"; exit 0; fi

work=${keep:-$(mktemp -d)}
mkdir -p "$work"
work=$(realpath "$work")
if [ -z "$keep" ]; then trap 'delete_root "$work"' EXIT; fi
build=${DEEPFOG_BUILD_DIR:-$source/build}
if [ ! -x "$build/deepfog" ]; then "$source/jobs/build.sh"; fi
make_root "$suite" "$work/root"  # first: it tells the folder of an earlier call
rm -rf "$work"/deepfog_*.deb "$work/cpack"
(cd "$build" && cpack -G DEB -B "$work/cpack" > "$work/cpack.log" 2>&1) || { cat "$work/cpack.log" >&2; exit 1; }
mv "$work"/cpack/deepfog_*.deb "$work/"
package=$(echo "$work"/deepfog_*.deb)
echo "deb: $(basename "$package"), $(($(stat -c %s "$package") / 1024)) kB, depends on $(dpkg-deb -f "$package" Depends)"

root=$work/root
cp "$package" "$root/srv/deepfog.deb"
rm -rf "$root/srv/consumer"
cp -r "$tests/consumer" "$tests/in_the_root.sh" "$root/srv/"
# shellcheck disable=SC2016
in_root "$root" bash -c '
  set -e
  export DEBIAN_FRONTEND=noninteractive
  { apt-get update && apt-get install --reinstall -y --no-install-recommends /srv/deepfog.deb; } > /tmp/apt.log 2>&1 || { tail -n 20 /tmp/apt.log >&2; exit 1; }
  rm -rf /home/somebody
  mkdir -p /home/somebody
  chown 1000:1000 /home/somebody' deb
somebody() { in_root "$root" setpriv --reuid 1000 --regid 1000 --clear-groups env HOME=/home/somebody bash "$@"; }

echo "deb: with what it depends on alone"
somebody /srv/in_the_root.sh campaign
# shellcheck disable=SC2016
in_root "$root" bash -c '
  apt-get install -y --no-install-recommends $(dpkg-query -W -f "\${Recommends}" deepfog | sed "s/,//g") cmake g++ make > /tmp/apt.log 2>&1 ||
    { tail -n 20 /tmp/apt.log >&2; exit 1; }' deb
echo "deb: with what it recommends, too"
somebody /srv/in_the_root.sh report infer consumer
in_root "$root" bash -c 'apt-get purge -y deepfog > /tmp/apt.log 2>&1 && [ ! -e /usr/share/deepfog ]' deb || { echo "deb: error: purging leaves files behind" >&2; exit 1; }
echo "deb: passed"
