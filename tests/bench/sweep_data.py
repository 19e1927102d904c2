#!/usr/bin/env python3
"""Makes a benchmark's data-set file with one split, "bench".

  sweep_data.py camera CAMERA.h5 OUTPUT     test: 16,384 samples, the real ones repeated with small seeded noise
  sweep_data.py health MHEALTH.h5 OUTPUT    test: the whole of split "rows"; features in units of their deviation
"""
import os
import sys

ROOT = os.path.join(os.path.dirname(os.path.realpath(__file__)), os.pardir, os.pardir)
sys.path.insert(0, os.path.join(ROOT, "postprocess"))
from deepfog.start import start

start(__name__, "numpy", "h5py")
sys.path.insert(0, os.path.join(ROOT, "data"))

# pylint: disable=wrong-import-position
import h5py
import numpy as np

from dataset import DataSet, write
from dataset_rules import TEST, TRAIN, VALIDATION
from deepfog.program import InputError as DataError, Parser, run

CAMERA_SAMPLES = 16384
NOISE = 4  # grey levels, up or down
TRAIN_ROWS, VALIDATION_ROWS = 61440, 8192


def repeated(samples, count, rng):
    """The samples again and again, each copy with noise of its own."""
    rows = np.arange(count) % len(samples)
    noisy = samples[rows].astype(np.int16)
    for begin in range(0, count, 1024):
        part = noisy[begin : begin + 1024]
        part += rng.integers(-NOISE, NOISE + 1, part.shape, dtype=np.int16)
    return np.clip(noisy, 0, 255).astype(np.uint8), rows


def camera(file):
    """Trained on the real training objects; swept over all real objects, repeated."""
    samples, labels, split = file["samples"][()], file["labels"][()], file["splits/official"][()]
    noisy, rows = repeated(samples, CAMERA_SAMPLES, np.random.default_rng(1))
    learnt = split != TEST
    codes = np.concatenate([split[learnt], np.full(CAMERA_SAMPLES, TEST, np.uint8)])
    return np.concatenate([samples[learnt], noisy]), np.concatenate([labels[learnt], labels[rows]]), codes


def health(file):
    samples, labels, split = file["samples"][()], file["labels"][()], file["splits/rows"][()]
    chosen = [np.flatnonzero(split == TRAIN)[:TRAIN_ROWS], np.flatnonzero(split == VALIDATION)[:VALIDATION_ROWS],
              np.flatnonzero(split == TEST)]
    train = samples[chosen[0]].astype(np.float64)
    mean, deviation = train.mean(axis=0), train.std(axis=0)
    rows = np.concatenate(chosen)
    codes = np.concatenate([np.full(len(part), code, np.uint8) for part, code in zip(chosen, (TRAIN, VALIDATION, TEST))])
    return ((samples[rows] - mean) / deviation).astype(np.float32), labels[rows], codes


def main():
    parser = Parser(__doc__)
    parser.add_argument("shape", choices=("camera", "health"))
    parser.add_argument("source", help="data-set file of data/prepare.sh")
    parser.add_argument("output")
    options = parser.parse_args()
    try:
        file = h5py.File(options.source, "r")
    except OSError as error:
        raise DataError(f"{options.source}: cannot be opened: {error} (a file of data/prepare.sh allowed)") from error
    with file:
        samples, labels, codes = {"camera": camera, "health": health}[options.shape](file)
        text = {key: file.attrs[key].decode() for key in ("name", "origin", "source", "source_sha256", "citation")}
        names = [name.decode() for name in file["class_names"]]
        sources = [(name.decode(), int(width)) for name, width in zip(file["sources/names"], file["sources/width"])]
        scale = float(file.attrs["scale"])
    write(options.output, DataSet(title=f"benchmark data made from {text['name']}", samples=samples, labels=labels,
                                  class_names=names, sources=sources, splits={"bench": codes}, default_split="bench",
                                  importer="sweep_data 1", scale=scale, **text))
    print(options.output)
    return 0


if __name__ == "__main__":
    run(main)
