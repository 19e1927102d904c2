#!/usr/bin/env bash
# Makes sure that everything DeepFog needs is there. On Debian as root missing packages are installed with apt; anybody
# else is told what is missing, and what comes from modules, Spack or conda is used as it is. Silent when all is well.
#   jobs/setup.sh [--test] [--packages=FILE]      --test: with what the tests need; --packages: with what FILE lists, too
# DEEPFOG_NO_APT=1: install nothing.
# Beside an installed program it looks whether mpirun and Python's packages are there, and which BLAS.
# shellcheck source=jobs/preamble.sh
POSIXLY_CORRECT=1; unset -f readlink; own=$(readlink -f -- "${BASH_SOURCE[0]}"); . "${own%/*}/preamble.sh"
set -e
with_tests=0
wanted=("$root/jobs/packages.txt")
for argument in "$@"; do
  case $argument in
    --test) with_tests=1 ;;
    --packages=*) wanted+=("${argument#*=}") ;;
    -h | --help) usage ;;
    *) fail "$argument: unknown option (--test, --packages=FILE allowed)" ;;
  esac
done

packages=()
if [ -f "$root/installed" ]; then wanted=(); fi
while read -r package kind; do
  case $package in '' | '#'*) continue ;; esac
  if [ "$kind" != test ] || [ "$with_tests" = 1 ]; then packages+=("$package"); fi
done < <(cat /dev/null "${wanted[@]}")

is_debian() { command -v dpkg-query > /dev/null && grep -qs '^ID=debian' /etc/os-release; }

# Names of $@ that dpkg does not know as installed.
not_installed() {
  local installed
  installed=$(dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' "$@" 2> /dev/null | sed -n 's/^ii //p' || true)
  local package
  for package in "$@"; do
    grep -qxF "$package" <<< "$installed" || echo "$package"
  done
}

install_packages() {
  local log
  log=$(mktemp)
  echo "setup: installing $# Debian packages: $*" >&2
  if ! { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"; } > "$log" 2>&1; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    echo "setup: error: apt-get failed (see above)" >&2
    exit 1
  fi
  rm -f "$log"
}

# LibTorch's BLAS is whatever the alternative names; the reference BLAS is fifty times slower, and the pthread flavour
# of OpenBLAS starts threads that LibTorch does not control.
check_blas() {
  local link name wanted
  for name in libblas liblapack; do
    for link in /etc/alternatives/"$name".so.3-*; do
      [ -e "$link" ] || continue
      case $(readlink "$link") in */openblas-openmp/*) continue ;; esac
      wanted=/usr/lib/${link##*.so.3-}/openblas-openmp/$name.so.3
      if [ ! -e "$wanted" ]; then
        echo "setup: $name is $(readlink "$link"): install libopenblas0-openmp for speed" >&2
      elif [ "$(id -u)" = 0 ] && update-alternatives --set "${link##*/}" "$wanted" > /dev/null; then
        echo "setup: $name is now OpenBLAS ($wanted)" >&2
      else
        echo "setup: $name is $(readlink "$link"); for speed, as root: update-alternatives --set ${link##*/} $wanted" >&2
      fi
    done
  done
}

# Without Debian's packages: commands, Python modules and CMake's findings decide. Slow (CMake), so remembered.
check_by_hand() {
  local stamp state missing='' command module python tools
  stamp=$root/build/.setup
  tools=$(command -v cmake mpirun python3 | tr '\n' ' ' || true)
  state="$(cat /dev/null "${wanted[@]}" | cksum) $with_tests $tools ${CMAKE_PREFIX_PATH:-} ${Torch_DIR:-}"
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$state" ]; then return; fi
  for command in cmake c++ mpirun git; do
    command -v "$command" > /dev/null || missing+=" $command"
  done
  python=$("$root/jobs/python.sh" 2> /dev/null || echo python3)
  for module in numpy h5py matplotlib PIL; do
    "$python" -c "import $module" 2> /dev/null || missing+=" python3:$module"
  done
  if command -v cmake > /dev/null && command -v c++ > /dev/null; then
    local probe
    probe=$(mktemp -d)
    missing+=$(cmake -S "$root/jobs/probe" -B "$probe" -DWITH_TESTS="$with_tests" 2>&1 | sed -n 's/^-- missing: / /p' | tr -d '\n')
    rm -rf "$probe"
  fi
  if [ -n "$missing" ]; then
    echo "setup: error: missing:$missing" >&2
    echo "setup: load modules or a Spack environment that have them (CMAKE_PREFIX_PATH tells CMake where), or as root on Debian 12:" >&2
    echo "  apt-get install --no-install-recommends ${packages[*]}" >&2
    exit 1
  fi
  mkdir -p "$root/build"
  echo "$state" > "$stamp"
}

if [ -f "$root/installed" ]; then
  "$root/jobs/python.sh" > /dev/null
  if ! command -v mpirun > /dev/null; then
    echo "setup: error: no mpirun: load the module of the MPI library that the program was built with (deepfog list environment)" >&2
    exit 1
  fi
  if is_debian; then check_blas; fi
elif is_debian; then
  mapfile -t missing < <(not_installed "${packages[@]}")
  if [ "${#missing[@]}" -gt 0 ] && [ "$(id -u)" = 0 ] && [ -z "${DEEPFOG_NO_APT:-}" ]; then
    install_packages "${missing[@]}"
    missing=()
  fi
  [ "${#missing[@]}" -eq 0 ] || check_by_hand
  check_blas
else
  check_by_hand
fi
