"""Deterministic splits by an own hash, so that they never depend on a library's version of its random generator."""
import numpy as np

from dataset_rules import TEST, TRAIN, VALIDATION
from draws import Draws


def shuffled(count, seed):
    """A permutation of 0..count-1: rows sorted by splitmix64(splitmix64(seed) xor row), ties by row."""
    return np.argsort(Draws(seed).raw(count), kind="stable")


def shuffled_split(count, seed):
    """80/10/10: of the shuffled rows the first tenth (rounded down) tests, the second validates, the rest trains."""
    order, tenth = shuffled(count, seed), count // 10
    codes = np.full(count, TRAIN, dtype=np.uint8)
    codes[order[:tenth]] = TEST
    codes[order[tenth:2 * tenth]] = VALIDATION
    return codes


def official_split(train, test, seed):
    """Rows of `train` official training samples, then `test` official test samples.

    The training rows are shuffled by the seed; the last tenth of them (rounded down) validates.
    """
    codes = np.repeat(np.array([TRAIN, TEST], dtype=np.uint8), (train, test))
    codes[shuffled(train, seed)[train - train // 10:]] = VALIDATION
    return codes


def group_split(groups):
    """Whole groups: the highest number tests, the next validates, all others train; None for fewer than three groups."""
    present = np.unique(groups)
    if present.size < 3:
        return None
    codes = np.full(len(groups), TRAIN, dtype=np.uint8)
    codes[groups == present[-1]] = TEST
    codes[groups == present[-2]] = VALIDATION
    return codes
