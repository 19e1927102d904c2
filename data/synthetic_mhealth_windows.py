"""A made-up stand-in of mhealth-windows: the stand-in of mhealth, cut into windows of one activity."""
import numpy as np

from dataset import DataSet
from draws import Draws
from import_mhealth import CLASS_NAMES, FEATURES
from import_mhealth_windows import NAME, SHAPE
from series_windows import STEP, WIDTH, cut, series_split, window_starts
from splits import group_split
from synthetic_mhealth import CLASSES, MISLABELLED, SUBJECTS, as_stored, series

DEFAULT_SAMPLES, MIN_SAMPLES = 6_000, 3_000  # fewer: no activity of a subject is long enough to be divided


def build(samples, seed, digest):
    """The DataSet; `digest` is the sha256 of the generator's parameters."""
    draws = Draws(seed)
    # A run of rows ends in fewer windows than rows / STEP, by less than two.
    subject, activity, values = series(STEP * (samples + 2 * SUBJECTS * CLASSES), draws)
    starts, runs = window_starts(subject * CLASSES + activity)
    kept = np.arange(samples) * len(starts) // samples
    starts, runs = starts[kept], runs[kept]
    labels = activity[starts]
    wrong = draws.uniform(samples) < MISLABELLED
    return DataSet(name=NAME, title="SYNTHETIC stand-in of MHEALTH's windows: 12 made-up activities, 10 subjects",
                   origin="synthetic", samples=cut(as_stored(values), starts), labels=np.where(wrong, (labels + 1) % CLASSES, labels),
                   class_names=CLASS_NAMES, sources=[("iot", FEATURES * WIDTH)],
                   splits={"series": series_split(runs), "subjects": group_split(subject[starts])}, default_split="subjects",
                   source="generated", source_sha256=digest, importer=f"make_synthetic 1, seed {seed}",
                   citation="made up by DeepFog; not real data", group=subject[starts] + 1, shapes={"iot": SHAPE})
