"""Made-up data for a network of one's own: any sources, any number of classes.

A class has three modes in a hidden space of eight dimensions; every source sees a bent projection of half of the
hidden dimensions, with noise. So each source carries part of the truth, and a line between the classes does not exist.
"""
import numpy as np

from dataset import DataSet
from draws import Draws
from splits import shuffled_split

DEFAULT_SAMPLES, MIN_SAMPLES = 10_000, 100
HIDDEN, MODES, WITHIN_MODE, NOISE, MISLABELLED = 8, 3, 0.35, 0.5, 0.02
GRID = 1024


def build(name, sources, classes, samples, seed, digest):
    """The DataSet of `sources` [(name, width)]; `digest` is the sha256 of the generator's parameters."""
    draws = Draws(seed)
    modes = 1.5 * draws.normal(classes, MODES, HIDDEN)
    labels = np.arange(samples) % classes
    mode = (draws.raw(samples) % np.uint64(MODES)).astype(np.int64)
    hidden = modes[labels, mode] + WITHIN_MODE * draws.normal(samples, HIDDEN)
    parts = []
    for _, width in sources:
        weights = draws.normal(HIDDEN, width) / np.sqrt(HIDDEN / 2)
        weights[np.argsort(draws.raw(HIDDEN), kind="stable")[: HIDDEN // 2]] = 0
        bent = np.zeros((samples, width))
        for dimension in range(HIDDEN):  # not a matrix product: its rounding differs between libraries
            bent += hidden[:, dimension, None] * weights[dimension]
        parts.append(np.sin(1.5 * bent) + NOISE * draws.normal(samples, width))
    wrong = draws.uniform(samples) < MISLABELLED
    labels = np.where(wrong, (labels + 1) % classes, labels)
    listed = ", ".join(f"{source} {width}" for source, width in sources)
    return DataSet(name=name, title=f"SYNTHETIC data for a network of one's own: {listed}; {classes} classes", origin="synthetic",
                   samples=(np.rint(np.concatenate(parts, axis=1) * GRID) / GRID).astype(np.float32), labels=labels,
                   class_names=[f"class{number}" for number in range(classes)], sources=sources,
                   splits={"random": shuffled_split(samples, seed)}, default_split="random", source="generated",
                   source_sha256=digest, importer=f"make_synthetic 1, seed {seed}", citation="made up by DeepFog; not real data")
