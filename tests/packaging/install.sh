#!/usr/bin/env bash
# What cmake --install leaves behind: found by the program wherever it is moved, usable without a build, and by other projects.
#   tests/packaging/install.sh BUILD_FOLDER
# shellcheck source=jobs/preamble.sh
POSIXLY_CORRECT=1; unset -f readlink; own=$(readlink -f -- "${BASH_SOURCE[0]}"); . "${own%/*}/../../jobs/preamble.sh"
set -e
tests=$root/tests/packaging
build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "tests/packaging/install.sh: error: $*" >&2; exit 1; }

# Nothing may know the prefix, nor fall back on the source tree.
cmake --install "$build" --prefix "$work/first" > /dev/null
mv "$work/first" "$work/second"
home=$work/second/share/deepfog
mkdir "$work/elsewhere"
cd "$work/elsewhere"
unset DEEPFOG_DATA_DIR DEEPFOG_BUILD_DIR
program=$work/second/bin/deepfog
listed=$("$program" list configs environment)
case $listed in *"$home/configs/quickstart.ini: [campaign]"*) ;; *) fail "the configs found are not those of $home: $listed" ;; esac
case $listed in *"home: $home"*) ;; *) fail "home is not $home: $listed" ;; esac

# Configs and topologies by the names that `deepfog list` shows in a checkout, also as a user who may write nothing there.
for config in configs/quickstart.ini configs/three-nodes.ini quickstart; do
  "$program" run --config "$config" --print-config > /dev/null || fail "--config $config is not found"
done
if [ "$(id -u)" = 0 ] && command -v setpriv > /dev/null; then
  chmod 755 "$work"
  (cd / && setpriv --reuid=65534 --regid=65534 --clear-groups "$program" run --config configs/three-nodes.ini --print-config) > /dev/null ||
    fail "nobody cannot use it"
fi

# The scripts: program found, nothing built, nothing written beside them.
before=$(find "$work/second" | sort)
[ "$home/build/deepfog" -ef "$program" ] || fail "the jobs do not find the program"
"$home/jobs/setup.sh"
"$home/jobs/build.sh"
"$home/jobs/local.sh" --help > /dev/null
PYTHONDONTWRITEBYTECODE=1 "$home/postprocess/report.py" --help > /dev/null
PYTHONDONTWRITEBYTECODE=1 "$home/data/make_synthetic.py" any sensors.h5 --sources left:4 --classes 3 --samples 100 > /dev/null
[ "$before" = "$(find "$work/second" | sort)" ] || fail "an installed script wrote beside itself"
rm "$home/build"
if "$home/jobs/build.sh" 2> /dev/null; then fail "jobs/build.sh succeeds without a program"; fi
ln -s ../../bin "$home/build"
for kept in packages.txt probe cache site.env; do
  [ -z "$(find "$home" -name "$kept")" ] || fail "$kept was installed"
done

# Another project.
generator=()
if command -v ninja > /dev/null; then generator=(-G Ninja); fi
other() {
  cmake -S "$tests/consumer" -B consumer "${generator[@]}" -DCMAKE_PREFIX_PATH="$work/second" -DCMAKE_BUILD_TYPE=Release &&
    cmake --build consumer && (cd consumer && ctest --output-on-failure)
}
if ! other > consumer.log 2>&1; then cat consumer.log >&2; fail "another project cannot use it"; fi
