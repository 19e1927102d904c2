"""A made-up stand-in of the multi-view cameras' shape: six views of 32x32 pixels of a person, a car or a bus.

Each view shows a blob of the class's proportions, moved, stretched, sometimes half hidden, sometimes another object
altogether; views are missing as often as in the real set. Persons and cars are darker than the street in three of ten
objects and brighter in the others: a linear model sees the average, in which much of the shape cancels.
"""
import numpy as np

from dataset import DataSet
from draws import Draws
from import_camera import CAMERAS, CLASS_NAMES, SHAPE, SIDE, SOURCES, WIDTH
from splits import shuffled_split

DEFAULT_SAMPLES, MIN_SAMPLES = 1379, 100
REAL_COUNTS = np.array([[290, 813, 7], [46, 98, 2], [33, 89, 1]])  # train, validation, test x person, car, bus
MISSING = np.array([0.76, 0.74, 0.33, 0.17, 0.06, 0.40])
HALF_WIDTH, HALF_HEIGHT = np.array([4.0, 12.0, 14.0]), np.array([12.0, 5.5, 11.0])
DARK, HIDDEN, OTHER_OBJECT = 0.3, 0.3, 0.06
STREET, STREET_SPREAD, CONTRAST, CONTRAST_SPREAD = 80, 20, 60, 15
JITTER, GRADIENT, PIXEL_NOISE = 1.5, 0.5, 10


def _counts(samples):
    """Objects of each split and class in the real proportions, at least one of each."""
    counts = np.maximum(1, np.rint(REAL_COUNTS * samples / REAL_COUNTS.sum())).astype(np.int64)
    counts[0, 1] += samples - counts.sum()  # the largest cell takes what rounding left
    return counts


def _view(draws, shown, dark):
    """uint8 [N, 32, 32, 3] of objects of class `shown` [N]."""
    count = len(shown)
    rows, columns = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    middle = (SIDE - 1) / 2

    def each(values):
        return values.astype(np.float32)[:, None, None]

    across = (columns - each(middle + JITTER * (2 * draws.uniform(count) - 1))) / each(HALF_WIDTH[shown] * np.exp(0.2 * draws.normal(count)))
    down = (rows - each(middle + JITTER * (2 * draws.uniform(count) - 1))) / each(HALF_HEIGHT[shown] * np.exp(0.15 * draws.normal(count)))
    blob = 1 / (1 + np.minimum(across**4 + down**4, 1e4) ** 2)
    edge = np.where(draws.uniform(count) < HIDDEN, SIDE * draws.uniform(count), 0)
    blob *= columns >= each(edge)
    slope = 2 * GRADIENT * (draws.uniform(2, count) - 0.5)
    light = (columns - middle) * each(slope[0]) + (rows - middle) * each(slope[1])
    street = STREET + STREET_SPREAD * (draws.uniform(count, 1) - 0.5 + 0.5 * (draws.uniform(count, 3) - 0.5))
    paint = np.where(dark, -1, 1)[:, None] * (CONTRAST + CONTRAST_SPREAD * draws.uniform(count, 1)) * (0.6 + 0.4 * draws.uniform(count, 3))
    picture = PIXEL_NOISE * draws.byte_noise(count, SIDE, SIDE, 3) + light[..., None]
    picture += street.astype(np.float32)[:, None, None, :] + paint.astype(np.float32)[:, None, None, :] * blob[..., None]
    return np.clip(np.rint(picture), 1, 255).astype(np.uint8)  # 0 throughout means missing


def build(samples, seed, digest):
    """The DataSet; `digest` is the sha256 of the generator's parameters."""
    draws, counts = Draws(seed), _counts(samples)
    labels = np.concatenate([np.repeat(np.arange(3), part) for part in counts])
    official = np.repeat(np.arange(3, dtype=np.uint8), counts.sum(axis=1))
    missing = draws.uniform(samples, CAMERAS) < MISSING
    missing[missing.all(axis=1), int(np.argmin(MISSING))] = False
    dark = (draws.uniform(samples) < DARK) & (labels < CLASS_NAMES.index("bus"))
    other = (labels[:, None] + 1 + (draws.uniform(samples, CAMERAS) < 0.5)) % len(CLASS_NAMES)
    shown = np.where(draws.uniform(samples, CAMERAS) < OTHER_OBJECT, other, labels[:, None])
    views = np.zeros((samples, CAMERAS, WIDTH), dtype=np.uint8)
    for camera in range(CAMERAS):
        views[:, camera] = _view(draws, shown[:, camera], dark).reshape(samples, WIDTH)
    views[missing] = 0
    return DataSet(name="camera", title="SYNTHETIC stand-in of the multi-view cameras: made-up persons, cars and buses",
                   origin="synthetic", samples=views.reshape(samples, CAMERAS * WIDTH), labels=labels, class_names=CLASS_NAMES,
                   sources=[(camera, WIDTH) for camera in SOURCES], shapes=dict.fromkeys(SOURCES, SHAPE), channels_last=SOURCES, scale=1 / 255,
                   splits={"official": official, "random": shuffled_split(samples, seed)}, default_split="official",
                   source="generated", source_sha256=digest, importer=f"make_synthetic 1, seed {seed}",
                   citation="made up by DeepFog; not real data", missing=missing.astype(np.uint8))
