#!/usr/bin/env python3
"""Imports MNIST as six sources: every digit cut into tiles, two rows of three, each the view of one device.

  data/import_mnist_tiles.py FOLDER data/cache/mnist-tiles.h5

Takes what import_mnist.py takes, with the same rows, labels and split. The 28x28 pixels get a column of zeros on either
side, so that the tiles are equal: tile1 to tile3 above, tile4 to tile6 below, from the left, each 1x14x10.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), os.pardir, "postprocess"))
from deepfog.start import start

start(__name__, "numpy", "h5py")

# pylint: disable=wrong-import-position
import dataclasses
import math

import numpy as np

import import_mnist
from deepfog.program import run
from image_sets import import_images
from import_mnist import CLASS_NAMES, wanted  # noqa: F401 (an importer has both)

NAME, IMPORTER = "mnist-tiles", "import_mnist_tiles 1"
ROWS, COLUMNS = 2, 3
MARGIN = 1  # columns of zeros on either side
SHAPE = 1, import_mnist.SHAPE[1] // ROWS, (import_mnist.SHAPE[2] + 2 * MARGIN) // COLUMNS
WIDTH = math.prod(SHAPE)
TILES = [f"tile{tile + 1}" for tile in range(ROWS * COLUMNS)]


def cut(digits):
    """uint8 [N, 6 * 140]: the tiles of uint8 [N, 784], tile by tile, each row by row."""
    padded = np.pad(digits.reshape(-1, *import_mnist.SHAPE[1:]), ((0, 0), (0, 0), (MARGIN, MARGIN)))
    tiles = padded.reshape(-1, ROWS, SHAPE[1], COLUMNS, SHAPE[2]).transpose(0, 1, 3, 2, 4)
    return np.ascontiguousarray(tiles).reshape(len(digits), -1)


def in_tiles(data, **changed):
    """The DataSet of digits cut into tiles. An empty tile is a view like others: nothing is missing."""
    title = f"{data.title}; in tiles of {SHAPE[1]}x{SHAPE[2]}"
    return dataclasses.replace(data, name=NAME, title=title, samples=cut(data.samples), sources=[(tile, WIDTH) for tile in TILES],
                               shapes=dict.fromkeys(TILES, SHAPE), **changed)


def build(source, seed=1):
    """The DataSet of a raw source."""
    return in_tiles(import_mnist.build(source, seed), importer=f"{IMPORTER}, seed {seed}")


def main():
    return import_images(__doc__, "four files", wanted, build)


if __name__ == "__main__":
    run(main)
