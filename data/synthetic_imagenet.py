"""Made-up pictures of ImageNet's shape, 3x224x224 and 1,000 classes, to test on: they cost what real ones cost.

Their labels mean nothing: they serve to measure time, memory and traffic of networks that were trained elsewhere or not at
all. Accuracy on them is that of guessing.
"""
import numpy as np

from dataset import DataSet
from dataset_rules import TEST
from draws import Draws
from image_sets import SOURCE
from synthetic_images import colour_pictures, smooth_figures

DEFAULT_SAMPLES, MIN_SAMPLES, MAX_SAMPLES = 64, 1, 2000
SHAPE, CLASSES, FIGURES = (3, 224, 224), 1000, 20
BLOCK = 16


def build(samples, seed, digest):
    """The DataSet; `digest` is the sha256 of the generator's parameters."""
    draws, width = Draws(seed), int(np.prod(SHAPE))
    figures = smooth_figures(draws, FIGURES, SHAPE[1])
    labels = (CLASSES * draws.uniform(samples)).astype(np.int64)
    pictures = [colour_pictures(draws, figures, labels[start:start + BLOCK] % FIGURES) for start in range(0, samples, BLOCK)]
    return DataSet(name="imagenet", title="SYNTHETIC pictures of ImageNet's shape, with labels that mean nothing", origin="synthetic",
                   samples=np.concatenate(pictures).reshape(samples, width), labels=labels,
                   class_names=[f"class{number}" for number in range(CLASSES)], sources=[(SOURCE, width)], shapes={SOURCE: SHAPE},
                   scale=1 / 255, splits={"official": np.full(samples, TEST, dtype=np.uint8)}, default_split="official",
                   source="generated", source_sha256=digest, importer=f"make_synthetic 1, seed {seed}",
                   citation="made up by DeepFog; not real data")
