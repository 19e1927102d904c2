#!/usr/bin/env bash
# Builds and tests the committed sources on Debian 13 (Open MPI 5 with ULFM, LibTorch 2, HDF5 1.14) in a root folder of its
# own, made from Debian's packages: for root, on a Linux with mmdebstrap or debootstrap. Half an hour and more on two cores.
#   tests/portability.sh [--keep FOLDER] [options of ctest]      e.g. tests/portability.sh --keep /tmp/trixie -R infer
# --keep: the root is made in FOLDER and stays; the next call builds only what has changed. DEEPFOG_DEBIAN_MIRROR: from where.
# Says "SKIPPED: why" and succeeds where no such root can be made. ctest's summary comes last, then the versions.
# shellcheck source=jobs/preamble.sh
POSIXLY_CORRECT=1; unset -f readlink; own=$(readlink -f -- "${BASH_SOURCE[0]}"); . "${own%/*}/../jobs/preamble.sh"
set -e
# shellcheck source=tests/packaging/debian_root.sh
. "$root/tests/packaging/debian_root.sh"
suite=trixie
keep=''
case ${1:-} in
  -h | --help) usage ;;
  --keep) keep=${2:-}; shift; shift || fail "--keep needs a folder" ;;
  --keep=*) keep=${1#*=}; shift ;;
esac

why=$(why_no_root)
if [ -z "$why" ] && ! git -C "$root" rev-parse --verify --quiet HEAD > /dev/null; then why="needs the sources as a git checkout"; fi
if [ -n "$why" ]; then echo "SKIPPED: $why"; exit 0; fi

folder=${keep:-$(mktemp -d)}
mkdir -p "$folder"
folder=$(realpath "$folder")
if [ -n "$keep" ] && [ ! -f "$folder/etc/deepfog-root" ] && [ -n "$(ls -A "$folder")" ]; then
  fail "--keep $folder: holds something else (a new or empty folder allowed, or one of an earlier call)"
fi
if [ -z "$keep" ]; then trap 'delete_root "$folder"' EXIT; fi

begun=$SECONDS
echo "portability: Debian $suite in $folder" >&2
make_root "$suite" "$folder"

# The commit, as git hands it out: a file that has not changed keeps its time and is not compiled again.
home=/home/deepfog
sources=$folder$home/main
if [ ! -d "$sources/.git" ]; then git init --quiet "$sources"; fi
git -C "$sources" fetch --quiet --depth 1 "file://$root" HEAD
git -C "$sources" checkout --quiet --force --detach FETCH_HEAD
git -C "$sources" clean --quiet -d --force
if [ -d "$root/../shared/data" ]; then
  mkdir -p "$folder$home/shared/data"
  cp -Ru "$root/../shared/data/." "$folder$home/shared/data/"
fi

code=0
in_root "$folder" "$home/main/tests/run.sh" "$@" || code=$?
echo "portability: commit $(git -C "$sources" rev-parse --short HEAD), $(((SECONDS - begun + 30) / 60)) minutes, exit code $code"
# shellcheck disable=SC2016
in_root "$folder" bash -c '
  . /etc/os-release
  echo "portability: $PRETTY_NAME, $(mpirun --version | head -n 1), $(c++ --version | head -n 1), CMake $(cmake --version | sed -n "1s/.* //p")"
  dpkg-query -W -f "portability: \${Package} \${Version}\n" libtorch-dev libhdf5-dev libopenmpi-dev libopenblas0-openmp python3-numpy'
exit "$code"
