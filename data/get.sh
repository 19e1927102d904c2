#!/usr/bin/env bash
# Fetches a data set from its public home, or says what to fetch and where to put it.
# Exit codes: 0 there, 1 not fetched, 2 unknown name.
# shellcheck source=jobs/preamble.sh
POSIXLY_CORRECT=1; unset -f readlink; own=$(readlink -f -- "${BASH_SOURCE[0]}"); . "${own%/*}/../jobs/preamble.sh"
set -e
names="mhealth, mhealth-windows, camera, cifar10, mnist, mnist-tiles"

usage() {
    echo "usage: data/get.sh NAME   (NAME: $names)"
}

cache_folder() {
    folder=${DEEPFOG_DATA_DIR:-}
    if [ -n "$folder" ] && [ -d "$folder" ] && [ -w "$folder" ]; then
        echo "$folder"
    elif [ -f "$root/installed" ]; then
        echo "$PWD/data/cache"
    else
        echo "$root/data/cache"
    fi
}

# fetch URL FILE: quick to give up where there is no network; 1 when it failed
fetch() {
    if command -v curl >/dev/null 2>&1; then
        curl --fail --silent --show-error --location --connect-timeout 10 --speed-limit 1000 --speed-time 30 \
            --max-time 1800 --output "$2" "$1"
    elif command -v wget >/dev/null 2>&1; then
        wget --quiet --tries=1 --timeout=30 --output-document="$2" "$1"
    else
        echo "get.sh: neither curl nor wget is installed" >&2
        return 1
    fi
}

# get_mhealth NAME: mhealth, or another data set made of it
get_mhealth() {
    url="https://archive.ics.uci.edu/static/public/319/mhealth+dataset.zip"
    file="$folder/mhealth.zip"
    if [ -f "$file" ]; then
        echo "$file is there already; next: data/prepare.sh $1"
        return 0
    fi
    mkdir -p "$folder"
    part="$file.$$.part"
    trap 'rm -f "$part"' EXIT
    echo "fetching $url" >&2
    if fetch "$url" "$part" && [ "$(head -c 2 "$part")" = "PK" ]; then
        mv "$part" "$file"
        echo "$file is there; next: data/prepare.sh $1"
        return 0
    fi
    cat >&2 <<END
$1 could not be downloaded here. To get it by hand:
  1. On a machine with internet open https://archive.ics.uci.edu/dataset/319/mhealth+dataset
     and download "mhealth+dataset.zip" (UCI MHEALTH, id 319).
  2. Put it, as it is, at $file
  3. Run data/prepare.sh $1
END
    return 1
}

get_camera() {
    for ending in tar.xz tar.gz zip; do
        if [ -f "$folder/multiview_camera.$ending" ]; then
            echo "$folder/multiview_camera.$ending is there already; next: data/prepare.sh camera"
            return 0
        fi
    done
    cat >&2 <<END
camera cannot be downloaded by a script: its public home offers whole frames with bounding boxes, the papers use crops of them.
  1. Fetch the six cameras' frames and boxes of the "Multi-view multi-class detection" data set of EPFL CVLab:
     https://www.epfl.ch/labs/cvlab/data/data-multiclass/ (research use; cite Roig et al., ICCV 2011).
  2. Bring them into the form the deepFogGuard authors used: every object cut out of every view and scaled to
     32x32 RGB JPEG, a black picture where a camera does not see it, named
     {train,test,holdout}_dir/{person,car,bus}_images/c{0-5}_{index}_{frame}.jpg
  3. Put that as an archive at $folder/multiview_camera.tar.xz
     (or .tar.gz, .zip) or as a folder at $folder/multiview-dataset
  4. Run data/prepare.sh camera
Until then data/prepare.sh camera makes a synthetic stand-in of the same shape.
END
    return 1
}

# is_gzip FILE: whether it begins as such files do; od is everywhere
is_gzip() {
    [ "$(od -An -tx1 -N2 "$1" | tr -d ' \n')" = "1f8b" ]
}

get_cifar10() {
    url="https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"
    file="$folder/cifar-10-binary.tar.gz"
    if [ -f "$file" ]; then
        echo "$file is there already; next: data/prepare.sh cifar10"
        return 0
    fi
    mkdir -p "$folder"
    part="$file.$$.part"
    trap 'rm -f "$part"' EXIT
    echo "fetching $url" >&2
    if fetch "$url" "$part" && is_gzip "$part"; then
        mv "$part" "$file"
        echo "$file is there; next: data/prepare.sh cifar10"
        return 0
    fi
    cat >&2 <<END
cifar10 could not be downloaded here. To get it by hand:
  1. On a machine with internet open https://www.cs.toronto.edu/~kriz/cifar.html
     and download "CIFAR-10 binary version", $url (162 MB).
  2. Put it, as it is, at $file
  3. Run data/prepare.sh cifar10
END
    return 1
}

# get_mnist NAME: mnist, or another data set made of it
get_mnist() {
    site="https://ossci-datasets.s3.amazonaws.com/mnist"
    place="$folder/mnist"
    part="$place.$$.part"
    trap 'rm -f "$part"' EXIT
    mkdir -p "$place"
    for file in train-images-idx3-ubyte.gz train-labels-idx1-ubyte.gz t10k-images-idx3-ubyte.gz t10k-labels-idx1-ubyte.gz; do
        [ ! -f "$place/$file" ] || continue
        echo "fetching $site/$file" >&2
        if fetch "$site/$file" "$part" && is_gzip "$part"; then
            mv "$part" "$place/$file"
            continue
        fi
        cat >&2 <<END
$1 could not be downloaded here. To get it by hand:
  1. On a machine with internet fetch from $site/ the four files
     train-images-idx3-ubyte.gz train-labels-idx1-ubyte.gz t10k-images-idx3-ubyte.gz t10k-labels-idx1-ubyte.gz
  2. Put them, as they are, into $place
  3. Run data/prepare.sh $1
END
        rmdir "$place" 2>/dev/null || true # an empty folder would pass for raw data
        return 1
    done
    echo "$place holds the four files; next: data/prepare.sh $1"
}

if [ $# -ne 1 ]; then
    usage >&2
    exit 2
fi
folder=$(cache_folder)
case $1 in
    mhealth | mhealth-windows) get_mhealth "$1" ;;
    camera) get_camera ;;
    cifar10) get_cifar10 ;;
    mnist | mnist-tiles) get_mnist "$1" ;;
    -h | --help) usage ;;
    *)
        echo "get.sh: unknown data set '$1' ($names allowed)" >&2
        exit 2
        ;;
esac
