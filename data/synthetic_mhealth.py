"""A made-up stand-in of MHEALTH's shape: a 50 Hz series of 12 activities by 10 subjects, 23 features.

An activity is a posture (its mean, much alike for all) and an orbit (two harmonics around it), so what tells activities
apart is mostly the shape of a movement: a linear model sees little of it. Subjects differ in offset, gain and speed;
sensor noise and a few mislabelled rows keep a perfect score out of reach.
"""
import numpy as np

from dataset import DataSet
from draws import Draws
from import_mhealth import CLASS_NAMES, FEATURES
from splits import group_split, shuffled_split

DEFAULT_SAMPLES, MIN_SAMPLES = 60_000, 1_000
SUBJECTS, CLASSES = 10, len(CLASS_NAMES)
SHARES = np.array([3] * (CLASSES - 1) + [1])  # the last activity is as rare as in the real set
POSTURE, NOISE, SUBJECT_SHIFT, GAIN, MISLABELLED = 0.45, 0.9, 0.6, 0.25, 0.03
HARMONICS = np.array([1.0, 1.0, 0.6, 0.6])
SENSOR_SCALE = np.array([5.0] * 3 + [1.0] * 2 + ([5.0] * 3 + [1.0] * 3 + [10.0] * 3) * 2)
GRID = 1024  # values are rounded to 1/GRID, so that the last bit of a machine's sine does not show


def _schedule(samples):
    """(subject 0..9, activity 0..11) of every row: each subject does all activities, one after the other."""
    edges = np.arange(SUBJECTS + 1) * samples // SUBJECTS
    subject, activity = np.empty(samples, dtype=np.int64), np.empty(samples, dtype=np.int64)
    for number, (start, end) in enumerate(zip(edges, edges[1:])):
        subject[start:end] = number
        ends = np.cumsum(SHARES) * (end - start) // SHARES.sum()
        activity[start:end] = np.searchsorted(ends, np.arange(end - start), side="right")
    return subject, activity


def series(samples, draws):
    """(subject 0..9, activity 0..11, values [samples, 23]) of the rows."""
    posture = POSTURE * draws.normal(CLASSES, FEATURES)
    orbit = HARMONICS[:, None] * draws.normal(CLASSES, len(HARMONICS), FEATURES)
    speed = (0.1 + 0.25 * draws.uniform(CLASSES)) * np.exp(0.1 * draws.normal(SUBJECTS, CLASSES))
    offset = SUBJECT_SHIFT * (draws.normal(SUBJECTS, 1, FEATURES) + 0.5 * draws.normal(SUBJECTS, CLASSES, FEATURES))
    gain = np.exp(GAIN * draws.normal(SUBJECTS, FEATURES))

    subject, activity = _schedule(samples)
    phase = np.cumsum(speed[subject, activity] + 0.05 * draws.normal(samples))
    vigour = np.repeat(np.exp(0.25 * draws.normal(samples // 50 + 1)), 50)[:samples]
    values = posture[activity]
    for part, wave in enumerate((np.cos(phase), np.sin(phase), np.cos(2 * phase), np.sin(2 * phase))):
        values += (vigour * wave)[:, None] * orbit[activity, part]
    return subject, activity, values * gain[subject] + offset[subject, activity] + NOISE * draws.normal(samples, FEATURES)


def as_stored(values):
    """In the units of the sensors, float32."""
    return (np.rint(values * SENSOR_SCALE * GRID) / GRID).astype(np.float32)


def build(samples, seed, digest):
    """The DataSet; `digest` is the sha256 of the generator's parameters."""
    draws = Draws(seed)
    subject, activity, values = series(samples, draws)
    wrong = draws.uniform(samples) < MISLABELLED
    labels = np.where(wrong, (activity + 1) % CLASSES, activity)
    return DataSet(name="mhealth", title="SYNTHETIC stand-in of MHEALTH: 12 made-up activities, 10 subjects",
                   origin="synthetic", samples=as_stored(values), labels=labels, class_names=CLASS_NAMES, sources=[("iot", FEATURES)],
                   splits={"rows": shuffled_split(samples, seed), "subjects": group_split(subject)}, default_split="rows",
                   source="generated", source_sha256=digest, importer=f"make_synthetic 1, seed {seed}",
                   citation="made up by DeepFog; not real data", group=subject + 1)
