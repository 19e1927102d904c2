#!/usr/bin/env python3
"""Imports MNIST from its four idx files: {train,t10k}-{images-idx3,labels-idx1}-ubyte, plain, .gz, .xz or .bz2.

  data/import_mnist.py FOLDER data/cache/mnist.h5

Takes a folder or an archive with the four files inside, or the files themselves. Split "official": the training images,
of which a seeded tenth validates, and the test images.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), os.pardir, "postprocess"))
from deepfog.start import start

start(__name__, "numpy", "h5py")

# pylint: disable=wrong-import-position
import math
import re
import struct

import numpy as np

from deepfog.program import InputError as DataError, run
from folder_walk import is_clutter
from image_sets import build_images, import_images, set_folder
from raw_source import is_copy, plain

IMPORTER = "import_mnist 1"
CLASS_NAMES = [str(digit) for digit in range(10)]
SHAPE, WIDTH = (1, 28, 28), 784
WHOLE = 60_000, 10_000  # training and test images
FILE_PATTERN = re.compile(r"(train|t10k)-(images[-.]idx3|labels[-.]idx1)-ubyte(?:\.gz|\.xz|\.bz2)?")
NAMES = "{train,t10k}-images-idx3-ubyte and {train,t10k}-labels-idx1-ubyte, .gz, .xz or .bz2 after it"
UNSIGNED_BYTES = 0x08  # the third byte of an idx file; the fourth is its rank
CITATION = "LeCun, Bottou, Bengio, Haffner, Gradient-Based Learning Applied to Document Recognition, 1998 (MNIST)"


def wanted(inside):
    """Whether a file of the source is one of the four."""
    return FILE_PATTERN.fullmatch(inside.rsplit("/", 1)[-1]) is not None and not is_clutter(inside)


def parse_idx(content, where, each):
    """uint8 [N, *each] of an idx file whose entries have the extents `each`."""
    rank = 1 + len(each)
    header = 4 + 4 * rank
    content = plain(content, where, header + max(WHOLE) * math.prod(each))
    magic = bytes([0, 0, UNSIGNED_BYTES, rank])
    if content[:4] != magic:
        raise DataError(f"{where}: begins with {content[:4].hex() or 'nothing'} ({magic.hex()}, an idx file of bytes of rank {rank}, allowed)")
    if len(content) < header:
        raise DataError(f"{where}: {len(content)} bytes (a header of {header} allowed)")
    count, *extents = struct.unpack(f">{rank}I", content[4:header])
    if tuple(extents) != each:
        raise DataError(f"{where}: images are {'x'.join(map(str, extents))} ({'x'.join(map(str, each))} allowed)")
    expected = header + count * math.prod(each)
    if count < 1 or len(content) != expected:
        raise DataError(f"{where}: {count} entries in {len(content)} bytes (at least 1, here {expected} bytes, allowed)")
    return np.frombuffer(content, dtype=np.uint8, offset=header).reshape(count, *each)


def read_files(source):
    """{("train" or "t10k", "images" or "labels"): array} of the four files."""
    files, folders = {}, set()
    for inside, content in source.files(wanted):
        part, kind = FILE_PATTERN.fullmatch(os.path.basename(inside)).groups()
        key = part, kind[:6]
        found = parse_idx(content, source.where(inside), SHAPE[1:] if key[1] == "images" else ())
        if key in files and is_copy(source, inside, [files[key]], [found]):
            continue
        folders.add(set_folder(inside, FILE_PATTERN))
        if key in files or len(folders) > 1:
            raise DataError(f"{source.where(inside)}: a second set of files (one set in one folder, or copies of it, allowed: {NAMES})")
        files[key] = found
        if key[1] == "labels" and files[key].max() >= len(CLASS_NAMES):
            wrong = int(np.argmax(files[key] >= len(CLASS_NAMES)))
            raise DataError(f"{source.where(inside)}: entry {wrong}: label {files[key][wrong]} (0 to {len(CLASS_NAMES) - 1} allowed)")
    return files


def build(source, seed=1):
    """The DataSet of a raw source."""
    files, parts = read_files(source), []
    for part in ("train", "t10k"):
        for kind in ("images", "labels"):
            if (part, kind) not in files:
                raise DataError(f"{source.path}: holds no {part}-{kind} file ({NAMES} allowed)")
        images, labels = files[part, "images"], files[part, "labels"]
        if len(images) != len(labels):
            raise DataError(f"{source.path}: {len(images)} {part} images and {len(labels)} labels (as many of both allowed)")
        parts.append((images.reshape(-1, WIDTH), labels))
    return build_images(source, wanted, *parts, WHOLE, seed, name="mnist", what="MNIST, 28x28 handwritten digits", shape=SHAPE,
                        class_names=CLASS_NAMES, importer=IMPORTER, citation=CITATION)


def main():
    return import_images(__doc__, "four files", wanted, build)


if __name__ == "__main__":
    run(main)
