"""Series cut into windows of one label throughout, and a split of such windows in which no row is on two sides."""
import numpy as np

from dataset_rules import TEST, TRAIN, UNUSED, VALIDATION

WIDTH, STEP = 50, 25  # rows; a second and half of one at MHEALTH's 50 Hz


def window_starts(labels):
    """(first row, run) of every window: runs are rows of one label side by side, windows lie within one."""
    edges = np.flatnonzero(np.diff(labels)) + 1
    starts, runs = [], []
    for run, (begin, end) in enumerate(zip(np.append(0, edges), np.append(edges, len(labels)))):
        own = np.arange(begin, end - WIDTH + 1, STEP)
        starts.append(own)
        runs.append(np.full(len(own), run))
    return np.concatenate(starts).astype(np.int64), np.concatenate(runs).astype(np.int64)


def cut(values, starts):
    """[windows, features x WIDTH]: feature after feature, its values in the order of time."""
    rows = starts[:, None] + np.arange(WIDTH)
    return np.ascontiguousarray(values[rows].transpose(0, 2, 1)).reshape(len(starts), values.shape[1] * WIDTH)


def series_split(runs):
    """Of every run in the order of time 80 % train, 10 % validate, 10 % test (those two rounded down); windows that share
    rows with the part before are in no part."""
    codes = np.full(len(runs), TRAIN, dtype=np.uint8)
    gap = -(-WIDTH // STEP) - 1
    for run in np.unique(runs):
        own = np.flatnonzero(runs == run)
        tenth = len(own) // 10
        if tenth <= gap:
            continue  # too short to be divided
        test, validation = own[-tenth:], own[-2 * tenth:-tenth]
        codes[test], codes[validation] = TEST, VALIDATION
        codes[test[:gap]] = codes[validation[:gap]] = UNUSED
    return codes
