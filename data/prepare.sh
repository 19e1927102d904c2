#!/usr/bin/env bash
# Makes the data-set file NAME (mhealth, mhealth-windows, camera, cifar10, mnist or mnist-tiles) ready and prints its path as the last line; see prepare.py.
# shellcheck source=jobs/preamble.sh
POSIXLY_CORRECT=1; unset -f readlink; own=$(readlink -f -- "${BASH_SOURCE[0]}"); . "${own%/*}/../jobs/preamble.sh"
set -e
for probe in 'import numpy, h5py, PIL' ''; do  # one with the packages; else any one, under which prepare.py says what fails
    for python in ${DEEPFOG_PYTHON:+"$DEEPFOG_PYTHON"} /usr/bin/python3 python3; do
        if why=$("$python" -c "$probe" 2>&1); then exec "$python" "$root/data/prepare.py" "$@"; fi
    done
done
echo "prepare.sh: no Python that works ($(grep -m 1 Error <<< "$why")${PYTHONHOME:+, PYTHONHOME=$PYTHONHOME}): apt-get install python3-numpy python3-h5py python3-pil (or name one in DEEPFOG_PYTHON)" >&2
exit 2
