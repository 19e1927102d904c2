"""Deterministic splits by an own hash, so that they never depend on a library's version of its random generator."""
import numpy as np

from dataset import TEST, TRAIN, UNUSED, VALIDATION

_GOLDEN = 0x9E3779B97F4A7C15
_MASK = (1 << 64) - 1


def splitmix64(values):
    """The finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014) on uint64 [N]."""
    with np.errstate(over="ignore"):
        mixed = np.asarray(values, dtype=np.uint64) + np.uint64(_GOLDEN)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return mixed ^ (mixed >> np.uint64(31))


def shuffled(count, seed):
    """A permutation of 0..count-1: rows sorted by splitmix64(splitmix64(seed) xor row), ties (2^-64 a pair) by row."""
    start = splitmix64([seed & _MASK])
    return np.argsort(splitmix64(start ^ np.arange(count, dtype=np.uint64)), kind="stable")


def shuffled_split(count, seed):
    """80/10/10: of the shuffled rows the first tenth (rounded down) tests, the second validates, the rest trains."""
    order, tenth = shuffled(count, seed), count // 10
    codes = np.full(count, TRAIN, dtype=np.uint8)
    codes[order[:tenth]] = TEST
    codes[order[tenth:2 * tenth]] = VALIDATION
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


__all__ = ["TEST", "TRAIN", "UNUSED", "VALIDATION", "group_split", "shuffled", "shuffled_split", "splitmix64"]
