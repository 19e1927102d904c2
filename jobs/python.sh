#!/usr/bin/env bash
# Prints a Python that has the packages of data/ and postprocess/: the first python3 in PATH, else the system's.
# shellcheck source=jobs/preamble.sh
POSIXLY_CORRECT=1; unset -f readlink; own=$(readlink -f -- "${BASH_SOURCE[0]}"); . "${own%/*}/preamble.sh"
set -e
for python in ${DEEPFOG_PYTHON:+"$DEEPFOG_PYTHON"} python3 /usr/bin/python3; do
  if why=$("$python" -c 'import numpy, h5py' 2>&1); then
    command -v "$python"
    exit 0
  fi
done
fail "no python3 with numpy and h5py ($(grep -m 1 Error <<< "$why")${PYTHONHOME:+, PYTHONHOME=$PYTHONHOME}; set DEEPFOG_PYTHON, or install python3-numpy python3-h5py)"
