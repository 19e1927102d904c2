#!/usr/bin/env python3
"""Imports a folder of images to test networks on, as ImageNet's validation images are kept.

  data/import_images.py val imagenet.h5 --preset alexnet                           one folder a class, JPEG and PNG inside
  data/import_images.py flat imagenet.h5 --truth val.txt --class-names synsets.txt    FILE CLASS, or CLASS, a line of val.txt

Each image becomes RGB, its shorter side is resized (bilinear, antialias) and the centre is cut out, as TorchVision's presets
do: 256 and 224 for alexnet and vgg16_bn, 236 and 224 for convnext_tiny. A sample is channel first, 0..255, scale 1/255; means
and deviations of the channels are not applied: they belong to a network's weights. All images are of the part "test".
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), os.pardir, "postprocess"))
from deepfog.start import start

start(__name__, "numpy", "h5py", "PIL.Image")

# pylint: disable=wrong-import-position
import numpy as np

from dataset import DataSet, summary, write
from dataset_rules import NAME_PATTERN, TEST
from deepfog.program import InputError as DataError, Parser, run
from image_folder import class_folders, flat_folder
from image_pixels import Remarks, read_image
from image_sets import SOURCE
from output_place import check_output
from raw_source import folder_sha256

IMPORTER = "import_images 1"
PRESETS = {"alexnet": (256, 224), "vgg16_bn": (256, 224), "convnext_tiny": (236, 224)}  # shorter side, crop
MEANS, DEVIATIONS = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet's training images, as TorchVision states them
MAX_SIDE = 2048


class ImageRows:
    """Samples [N, 3 * crop * crop] uint8 that are decoded when asked for: the whole set need not be in memory."""

    def __init__(self, paths, resize, crop):
        self._paths, self._resize, self._crop = paths, resize, crop
        self.shape, self.dtype = (len(paths), 3 * crop * crop), np.dtype(np.uint8)
        self.remarks = Remarks()

    def __getitem__(self, rows):
        return np.stack([read_image(path, self._resize, self._crop, self.remarks) for path in self._paths[rows]])


def build(folder, name, size, listed, limit=None, origin="real", citation="not stated"):
    """The DataSet of (paths, labels, class names, LeftOut); `size` is (resize, crop), `limit` takes that many evenly spread images."""
    paths, labels, classes, left_out = listed
    chosen = range(len(paths)) if limit is None or limit >= len(paths) else [k * len(paths) // limit for k in range(limit)]
    resize, crop = size
    used = [paths[k] for k in chosen]
    share = "" if len(used) == len(paths) else f" of {len(paths):,}, evenly spread"
    mark = "SYNTHETIC images" if origin == "synthetic" else "Images"
    figures = " ".join(map(str, MEANS)), " ".join(map(str, DEVIATIONS))
    title = f"{mark} to test on, {crop}x{crop}: {len(used):,}{share}, {len(classes):,} classes"
    return DataSet(name=name, title=title, origin=origin,
                   samples=ImageRows(used, resize, crop), labels=np.array([labels[k] for k in chosen], dtype=np.int64), class_names=classes,
                   sources=[(SOURCE, 3 * crop * crop)], shapes={SOURCE: (3, crop, crop)}, scale=1 / 255,
                   splits={"official": np.full(len(used), TEST, dtype=np.uint8)}, default_split="official",
                   source=os.path.basename(os.path.abspath(folder)), source_sha256=folder_sha256({os.path.relpath(path, folder): path for path in used}),
                   importer=f"{IMPORTER}, resize {resize}, crop {crop}, not normalised (means {figures[0]}, deviations {figures[1]})",
                   citation=citation, notes=left_out.notes())


def sizes(options):
    """(resize, crop) of the options, checked."""
    resize, crop = PRESETS[options.preset]
    resize, crop = options.resize or resize, options.crop or crop
    for option, value in (("--resize", options.resize), ("--crop", options.crop)):
        if value is not None and not 1 <= value <= MAX_SIDE:
            raise DataError(f"{option}: {value} (1 to {MAX_SIDE} allowed)")
    if crop > resize:
        raise DataError(f"--crop: {crop} is more than --resize, {resize} (at most as much allowed)")
    return resize, crop


def main():
    parser = Parser(__doc__)
    parser.add_argument("source", help="folder of class folders, or with --truth a flat folder")
    parser.add_argument("output", help="data-set file to write; its name is the data set's")
    parser.add_argument("--preset", choices=PRESETS, default="alexnet", help="sizes of this network's weights (default alexnet)")
    parser.add_argument("--resize", type=int, help="shorter side after resizing (default: the preset's)")
    parser.add_argument("--crop", type=int, help="side of the square that is cut out (default: the preset's)")
    parser.add_argument("--limit", type=int, help="take so many images only, evenly spread over all")
    parser.add_argument("--truth", help="of a flat folder: file of FILE CLASS lines, or of CLASS lines for the images in sorted order")
    parser.add_argument("--class-names", help="with --truth that holds numbers: file of class names, one a line (its first word)")
    parser.add_argument("--first-label", type=int, choices=(0, 1), default=0, help="number of the first line of --class-names (default 0)")
    parser.add_argument("--synthetic", action="store_true", help="the images are made up: say so wherever results are shown")
    parser.add_argument("--citation", default="not stated", help="whose images these are")
    options = parser.parse_args()
    size = sizes(options)
    if options.limit is not None and options.limit < 1:
        raise DataError(f"--limit: {options.limit} (1 or more allowed)")
    if options.class_names and not options.truth:
        parser.error("--class-names belongs to --truth")
    name = os.path.basename(options.output).split(".")[0]
    if not NAME_PATTERN.fullmatch(name):
        raise DataError(f"{options.output}: a data set cannot be called {name!r} (letters, digits, _ and -, a letter first, allowed)")
    check_output(options.output)
    if options.truth:
        listed = flat_folder(options.source, options.truth, options.class_names, options.first_label)
    else:
        listed = class_folders(options.source)
    data = build(options.source, name, size, listed, options.limit, "synthetic" if options.synthetic else "real", options.citation)
    write(options.output, data)
    print("\n".join(summary(data) + [f"  note     {note}" for note in data.notes + data.samples.remarks.notes()]))
    return 0


if __name__ == "__main__":
    run(main)
