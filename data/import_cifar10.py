#!/usr/bin/env python3
"""Imports CIFAR-10 from its binary records: a label byte, then 3,072 bytes of a 32x32 picture, channel first.

  data/import_cifar10.py cifar-10-binary.tar.gz data/cache/cifar10.h5
  data/import_cifar10.py cifar10_train_10000.bin.xz cifar10_test_10000.bin.xz data/cache/cifar10.h5

Takes the official archive, a folder (data_batch_1.bin to data_batch_5.bin, test_batch.bin) or the files themselves; a
subset of the records is called cifar10_train_COUNT.bin and cifar10_test_COUNT.bin; each may end in .xz or .gz. Split
"official": the training records, of which a seeded tenth validates, and the test records.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), os.pardir, "postprocess"))
from deepfog.start import start

start(__name__, "numpy", "h5py")

# pylint: disable=wrong-import-position
import re

import numpy as np

from deepfog.program import InputError as DataError, run
from folder_walk import is_clutter
from image_sets import build_images, import_images, set_folder
from raw_source import is_copy, plain

IMPORTER = "import_cifar10 1"
CLASS_NAMES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
SHAPE, WIDTH = (3, 32, 32), 3072
RECORD = 1 + WIDTH
WHOLE = 50_000, 10_000  # training and test records
FILE_PATTERN = re.compile(r"(data_batch_[1-5]|test_batch|cifar10_(?:train|test)(?:_\d{1,6})?)\.bin(?:\.xz|\.gz|\.bz2)?")
NAMES = "data_batch_1.bin to data_batch_5.bin and test_batch.bin, or cifar10_train_COUNT.bin and cifar10_test_COUNT.bin; .xz or .gz after it"
CITATION = "Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009 (CIFAR-10)"


def wanted(inside):
    """Whether a file of the source holds records."""
    return FILE_PATTERN.fullmatch(inside.rsplit("/", 1)[-1]) is not None and not is_clutter(inside)


def records(content, where):
    """(images uint8 [N, 3072], labels [N]) of a file of whole records."""
    content = plain(content, where, sum(WHOLE) * RECORD)
    if not content or len(content) % RECORD:
        raise DataError(f"{where}: {len(content)} bytes (a whole number of records of {RECORD} bytes, at least one, allowed)")
    rows = np.frombuffer(content, dtype=np.uint8).reshape(-1, RECORD)
    wrong = np.flatnonzero(rows[:, 0] >= len(CLASS_NAMES))
    if wrong.size:
        raise DataError(f"{where}: record {wrong[0]}: label {rows[wrong[0], 0]} (0 to {len(CLASS_NAMES) - 1} allowed)")
    return rows[:, 1:], rows[:, 0]


def read_files(source):
    """{name without endings: (images, labels)} of one set of files, by name."""
    files, folders = {}, set()
    for inside, content in source.files(wanted):
        name, found = FILE_PATTERN.fullmatch(os.path.basename(inside))[1], records(content, source.where(inside))
        if name in files and is_copy(source, inside, files[name], found):
            continue
        folders.add((set_folder(inside, FILE_PATTERN), name.startswith("cifar10_")))
        if name in files or len(folders) > 1:
            raise DataError(f"{source.where(inside)}: a second set of records (one set in one folder, or copies of it, allowed: {NAMES})")
        files[name] = found
    return dict(sorted(files.items()))


def build(source, seed=1):
    """The DataSet of a raw source."""
    files, parts = read_files(source), []
    for part in ("train", "test"):
        chosen = [rows for name, rows in files.items() if ("test" in name) == (part == "test")]
        if not chosen:
            raise DataError(f"{source.path}: holds no {part} records ({NAMES} allowed)")
        parts.append(tuple(np.concatenate(column) for column in zip(*chosen)))
    return build_images(source, wanted, *parts, WHOLE, seed, name="cifar10", what="CIFAR-10, 32x32 colour pictures", shape=SHAPE,
                        class_names=CLASS_NAMES, importer=IMPORTER, citation=CITATION)


def main():
    return import_images(__doc__, "records", wanted, build)


if __name__ == "__main__":
    run(main)
