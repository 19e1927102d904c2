#!/usr/bin/env python3
"""Imports the multi-view camera crops: {train,test,holdout}_dir/{person,car,bus}_images/c{0-5}_{index}_{frame}.jpg.

The six views of an object are grouped by (class, index, frame); an object without all six files is left out and
counted. Splits: "official" (default: train_dir trains, test_dir validates, holdout_dir tests) and "random" (80/10/10).
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), os.pardir, "postprocess"))
from deepfog.start import start

start(__name__, "numpy", "h5py", "PIL.Image")

# pylint: disable=wrong-import-position
import io
import re

import numpy as np
from PIL import Image, UnidentifiedImageError

from dataset import DataSet, summary, write
from dataset_rules import TEST, TRAIN, VALIDATION
from deepfog.program import InputError as DataError, Parser, run
from folder_walk import is_clutter
from output_place import check_output
from raw_source import RawSource, is_copy
from splits import shuffled_split

IMPORTER = "import_camera 1"
CLASS_NAMES = ["person", "car", "bus"]
FOLDERS = {"train_dir": TRAIN, "test_dir": VALIDATION, "holdout_dir": TEST}
CLASS_FOLDERS = {f"{name}_images": label for label, name in enumerate(CLASS_NAMES)}
CAMERAS, SIDE = 6, 32
SHAPE, WIDTH = (3, SIDE, SIDE), SIDE * SIDE * 3  # in the order height, width, channel
SOURCES = tuple(f"cam{camera + 1}" for camera in range(CAMERAS))
MAX_JPEG_BYTES = 1 << 20  # a crop has about one kilobyte
FILE_PATTERN = re.compile(r"c([0-9]+)_(\d{1,18})_(\d{1,18})\.jpe?g", re.IGNORECASE)
Image.MAX_IMAGE_PIXELS = None  # the size is checked before a pixel is decoded
CITATION = ("Roig, Boix, Ben Shitrit, Fua, Conditional Random Fields for Multi-Camera Object Detection, ICCV 2011 "
            "(EPFL CVLab, multi-view multi-class; research use)")


def wanted(inside):
    """Whether a file of the source is a picture."""
    return inside.lower().endswith((".jpg", ".jpeg")) and not is_clutter(inside)


def parse_path(inside, where):
    """(split code, label, index, frame, camera) of a picture's path; DataError when a part is unknown."""
    parts = inside.split("/")
    if len(parts) < 3 or parts[-3] not in FOLDERS:
        raise DataError(f"{where}: folder is none of the three parts ({', '.join(FOLDERS)}/CLASS_images/ allowed)")
    if parts[-2] not in CLASS_FOLDERS:
        raise DataError(f"{where}: unknown class folder {parts[-2]} ({', '.join(CLASS_FOLDERS)} allowed)")
    match = FILE_PATTERN.fullmatch(parts[-1])
    if not match or int(match[1]) >= CAMERAS:
        raise DataError(f"{where}: name is no view (c0 to c5, then _INDEX_FRAME.jpg, allowed)")
    return FOLDERS[parts[-3]], CLASS_FOLDERS[parts[-2]], int(match[2]), int(match[3]), int(match[1])


def decode(content, where):
    """uint8 [3072]: height, width, channel."""
    try:
        with Image.open(io.BytesIO(content), formats=["JPEG"]) as image:
            if image.size != (SIDE, SIDE) or image.mode != "RGB":
                raise DataError(f"{where}: picture is {image.size[0]}x{image.size[1]} {image.mode} ({SIDE}x{SIDE} RGB allowed)")
            return np.asarray(image, dtype=np.uint8).reshape(-1)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise DataError(f"{where}: is no whole JPEG ({SIDE}x{SIDE} RGB JPEG allowed)") from error


def read_objects(source):
    """(split code, label, index, frame) -> {camera: uint8 [3072]}."""
    objects, split_of = {}, {}
    for inside, content in source.files(wanted, MAX_JPEG_BYTES):
        where = source.where(inside)
        code, label, index, frame, camera = parse_path(inside, where)
        key = (label, index, frame)
        if split_of.setdefault(key, code) != code:
            raise DataError(f"{where}: this object is in two parts (each object in one of {', '.join(FOLDERS)} allowed)")
        views = objects.setdefault((code, *key), {})
        view = decode(content, where)
        if camera not in views:
            views[camera] = view
        elif not is_copy(source, inside, [views[camera]], [view]):
            raise DataError(f"{where}: view c{camera} of this object is there twice (one file per view, or copies of it, allowed)")
    if not objects:
        raise DataError(f"{source.path}: holds no pictures ({', '.join(FOLDERS)} with CLASS_images folders allowed)")
    return objects


def build(source, seed=1):
    """The DataSet of a RawSource."""
    objects = read_objects(source)
    whole = sorted(key for key, views in objects.items() if len(views) == CAMERAS)
    left_out = len(objects) - len(whole)
    if len(whole) < 10:
        raise DataError(f"{source.path}: {len(whole)} objects with all six views (at least 10 allowed)")
    samples = np.stack([np.concatenate([objects[key][camera] for camera in range(CAMERAS)]) for key in whole])
    codes, labels, _, frames = (np.array(column) for column in zip(*whole))
    missing = (samples.reshape(len(whole), CAMERAS, WIDTH).max(axis=2) == 0).astype(np.uint8)
    return DataSet(name="camera", title="Multi-view cameras: six views of a street, person, car or bus", origin="real",
                   samples=samples, labels=labels.astype(np.int64), class_names=CLASS_NAMES,
                   sources=[(camera, WIDTH) for camera in SOURCES], shapes=dict.fromkeys(SOURCES, SHAPE), channels_last=SOURCES, scale=1 / 255,
                   splits={"official": codes.astype(np.uint8), "random": shuffled_split(len(whole), seed)},
                   default_split="official", source=source.name, source_sha256=source.sha256(wanted),
                   importer=f"{IMPORTER}, seed {seed}", citation=CITATION, missing=missing,
                   group=frames.astype(np.int64), notes=[f"{left_out} objects without all six views left out", *source.left_out.notes()])


def main():
    parser = Parser(__doc__)
    parser.add_argument("source", help="folder, zip or tar(.gz, .xz) with train_dir, test_dir and holdout_dir inside")
    parser.add_argument("output", help="data-set file to write")
    parser.add_argument("--seed", type=int, default=1, help="of the random split (default 1)")
    options = parser.parse_args()
    check_output(options.output)
    data = build(RawSource(options.source), options.seed)
    write(options.output, data)
    print("\n".join(summary(data) + [f"  note     {note}" for note in data.notes]))
    return 0


if __name__ == "__main__":
    run(main)
