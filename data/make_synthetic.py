#!/usr/bin/env python3
"""Makes synthetic data: a stand-in of a real set's shape, or data for a network of one's own.

  data/make_synthetic.py mhealth data/cache/mhealth.synthetic.h5
  data/make_synthetic.py any mine.h5 --sources door:8,window:4 --classes 3 --samples 5000

Deterministic: the same options give the same content on every machine.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), os.pardir, "postprocess"))
from deepfog.start import start

start(__name__, "numpy", "h5py", "PIL.Image")

# pylint: disable=wrong-import-position
import hashlib
import math
import re

import synthetic_any
import synthetic_camera
import synthetic_cifar10
import synthetic_imagenet
import synthetic_mhealth
import synthetic_mhealth_windows
import synthetic_mnist
import synthetic_mnist_tiles
from dataset import summary, write
from dataset_rules import NAME_PATTERN
from deepfog.program import InputError as DataError, Parser, run
from output_place import check_output

SHAPES = {"mhealth": synthetic_mhealth, "mhealth-windows": synthetic_mhealth_windows, "camera": synthetic_camera,
          "cifar10": synthetic_cifar10, "mnist": synthetic_mnist, "mnist-tiles": synthetic_mnist_tiles, "imagenet": synthetic_imagenet, "any": synthetic_any}
MAX_SAMPLES, MAX_WIDTH, MAX_CLASSES, MAX_VALUES = 10_000_000, 1_000_000, 1_000, 1 << 29


def parse_sources(text):
    """[(name, width)] and {name: shape} of "NAME:WIDTH,NAME:CHANNELSxHEIGHTxWIDTH"."""
    sources, shapes = [], {}
    for part in text.split(","):
        name, _, width = part.partition(":")
        extents = width.split("x")
        good = NAME_PATTERN.fullmatch(name) and len(extents) in (1, 3) and all(re.fullmatch("[0-9]{1,9}", extent) for extent in extents)
        values = math.prod(map(int, extents)) if good else 0
        if not 1 <= values <= MAX_WIDTH:
            raise DataError(f"--sources: {part!r} (NAME:WIDTH or, for images, NAME:CHANNELSxHEIGHTxWIDTH, of 1 to {MAX_WIDTH} values allowed)")
        if name in dict(sources):
            raise DataError(f"--sources: {name} is there twice (different names allowed)")
        sources.append((name, values))
        if len(extents) == 3:
            shapes[name] = tuple(map(int, extents))
    return sources, shapes


def make(shape, name, samples=None, seed=1, sources=None, classes=None, shapes=None):
    """The DataSet of a shape; DataError when an option is out of range."""
    module = SHAPES[shape]
    samples = module.DEFAULT_SAMPLES if samples is None else samples
    least = max(module.MIN_SAMPLES, 10 * (classes or 0))
    most = getattr(module, "MAX_SAMPLES", MAX_SAMPLES)
    if not least <= samples <= most:
        raise DataError(f"--samples: {samples} ({least} to {most} allowed)")
    text = f"make_synthetic 1 {shape} samples={samples} seed={seed}"
    if shape != "any":
        return module.build(samples, seed, hashlib.sha256(text.encode()).hexdigest())
    if not 2 <= classes <= MAX_CLASSES:
        raise DataError(f"--classes: {classes} (2 to {MAX_CLASSES} allowed)")
    if samples * sum(width for _, width in sources) > MAX_VALUES:
        raise DataError(f"--samples: {samples} of {sum(width for _, width in sources)} values ({MAX_VALUES} values in all allowed)")
    text += f" sources={sources} classes={classes}" + (f" shapes={shapes}" if shapes else "")
    data = module.build(name, sources, classes, samples, seed, hashlib.sha256(text.encode()).hexdigest())
    data.shapes = shapes or {}
    return data


def main():
    parser = Parser(__doc__)
    parser.add_argument("shape", metavar="NAME", choices=SHAPES, help="mhealth, mhealth-windows, camera, cifar10, mnist, mnist-tiles, imagenet or any")
    parser.add_argument("output", metavar="OUTPUT", help="data-set file to write; with any, its name is the data set's")
    parser.add_argument("--samples", type=int, help="default: 60000 mhealth, 6000 mhealth-windows, 1379 camera, 12000 cifar10, mnist and mnist-tiles, "
                        "64 imagenet, 10000 any")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sources", help="with any: NAME:WIDTH,... in column order; of images NAME:CHANNELSxHEIGHTxWIDTH")
    parser.add_argument("--classes", type=int, help="with any: the number of classes")
    options = parser.parse_args()
    own = options.shape == "any"
    if own != (options.sources is not None) or own != (options.classes is not None):
        parser.error("--sources and --classes belong to any, and any needs both")
    check_output(options.output)
    name = os.path.basename(options.output).split(".")[0]
    if own and not NAME_PATTERN.fullmatch(name):
        raise DataError(f"{options.output}: a data set cannot be called {name!r} (letters, digits, _ and -, a letter first, allowed)")
    sources, shapes = parse_sources(options.sources) if own else (None, None)
    data = make(options.shape, name, options.samples, options.seed, sources, options.classes, shapes)
    write(options.output, data)
    print("\n".join(summary(data)))
    return 0


if __name__ == "__main__":
    run(main)
