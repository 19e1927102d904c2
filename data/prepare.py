#!/usr/bin/env python3
"""Makes the data-set file NAME ready: from the real data where they are found, else a synthetic stand-in.

Raw data are looked for in $DEEPFOG_DATA_DIR when set, data/cache, and ../shared/data beside the checkout. The file is
NAME.h5 (real) or NAME.synthetic.h5, in $DEEPFOG_DATA_DIR when set and writable, else in data/cache (of the working folder
where DeepFog is installed). Nothing is done where the right file is there. The last line of the output is its path.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), os.pardir, "postprocess"))
from deepfog.start import start

start(__name__, "numpy", "h5py", "PIL.Image")

# pylint: disable=wrong-import-position
import glob

import import_camera
import import_cifar10
import import_mhealth
import import_mhealth_windows
import import_mnist
import import_mnist_tiles
from dataset import recorded_source_sha256, write
from deepfog.program import InputError as DataError, Parser, run
from make_synthetic import make
from output_place import HERE, cache_folder, make_folder
from raw_source import RawSource

CACHE = cache_folder()
SHARED = os.path.normpath(os.path.join(HERE, "..", "..", "shared", "data"))
ARCHIVE_ENDINGS = (".tar.xz", ".tar.gz", ".tgz", ".tar.bz2", ".tar", ".zip")
IMPORTERS = {"mhealth": import_mhealth, "mhealth-windows": import_mhealth_windows, "camera": import_camera, "cifar10": import_cifar10, "mnist": import_mnist,
             "mnist-tiles": import_mnist_tiles}
STEMS = {"mhealth": ("mhealth", "mhealth+dataset", "MHEALTHDATASET"), "camera": ("multiview_camera", "multiview-dataset"),
         "cifar10": ("cifar10", "cifar-10-binary", "cifar-10-batches-bin"), "mnist": ("mnist", "MNIST")}
MARKS = {"mhealth": "mHealth_subject1.log", "camera": "train_dir", "cifar10": "cifar10_train*.bin*",
         "mnist": "train-images[-.]idx3-ubyte*"}  # what lies in a folder that is itself the data
STEMS["mnist-tiles"], MARKS["mnist-tiles"] = STEMS["mnist"], MARKS["mnist"]
STEMS["mhealth-windows"], MARKS["mhealth-windows"] = STEMS["mhealth"], MARKS["mhealth"]


def own_folder():
    """$DEEPFOG_DATA_DIR, or None where it is not set."""
    folder = os.environ.get("DEEPFOG_DATA_DIR")
    if folder and not os.path.isdir(folder):
        raise DataError(f"DEEPFOG_DATA_DIR: {folder} is no folder (an existing folder allowed)")
    return os.path.abspath(folder) if folder else None


def is_writable(folder):
    """Also root leaves a folder alone that nobody may write."""
    return os.access(folder, os.W_OK) and os.stat(folder).st_mode & 0o222 != 0


def folders():
    """Where to look, in order, for raw data; data-set files are looked for in all but the last."""
    own = own_folder()
    return ([own] if own and own != CACHE else []) + [CACHE, SHARED]


def find_raw(name, places):
    """(position of its folder, path) of the raw data, or (None, None)."""
    for position, folder in enumerate(places):
        candidates = [os.path.join(folder, stem + ending) for stem in STEMS[name] for ending in ARCHIVE_ENDINGS]
        found = [path for path in candidates if os.path.isfile(path)]
        found += [path for stem in STEMS[name] if os.path.isdir(path := os.path.join(folder, stem))]
        if glob.glob(os.path.join(glob.escape(folder), MARKS[name])):
            found.append(folder)
        if found:
            return position, found[0]
    return None, None


def find_file(filename, places):
    """(position of its folder, path) of a data-set file, or (None, None)."""
    for position, folder in enumerate(places[:-1]):
        path = os.path.join(folder, filename)
        if os.path.isfile(path):
            return position, path
    return None, None


def target(filename, places):
    """Where a new file goes."""
    folder = next((place for place in places[:-1] if os.path.isdir(place) and is_writable(place)), CACHE)
    make_folder(folder)
    return os.path.join(folder, filename)


def prepare(name):
    """The path of the data-set file, made when need be."""
    places = folders()
    raw_place, raw = find_raw(name, places)
    place, path = find_file(f"{name}.h5", places)
    recorded = recorded_source_sha256(path) if path else None
    if path and recorded is not None and (raw is None or raw_place > place):
        return path  # the user's own file stands before raw data of a later folder
    if raw:
        importer, source = IMPORTERS[name], RawSource(raw)
        if recorded == source.sha256(importer.wanted):
            return path
        made = target(f"{name}.h5", places)
        data = importer.build(source)
        write(made, data)
        print(f"{made}: {len(data.labels)} samples made from {raw} ({', '.join([data.title, *data.notes])})", file=sys.stderr)
        return made
    if path:
        raise DataError(f"{path}: is no data-set file, and no raw data are there to make it anew (delete it, or see data/get.sh {name})")
    return synthetic(name, places)


def synthetic(name, places):
    """The path of the synthetic stand-in, made when it is not there."""
    _, path = find_file(f"{name}.synthetic.h5", places)
    if path and recorded_source_sha256(path) is not None:
        return path
    made = target(f"{name}.synthetic.h5", places)
    data = make(name, name)
    write(made, data)
    print(f"WARNING: no real {name} data found, using SYNTHETIC data instead: {made} (data/get.sh {name} says how to get the real ones)",
          file=sys.stderr)
    return made


def main():
    parser = Parser(__doc__)
    parser.add_argument("name", metavar="NAME", choices=IMPORTERS, help=", ".join(IMPORTERS))
    print(prepare(parser.parse_args().name))
    return 0


if __name__ == "__main__":
    run(main)
