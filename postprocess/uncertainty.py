"""How sure a figure is: training noise (other runs) and test noise (other samples) told apart.

A figure is the mean of values[run, sample]. Both are drawn anew, with replacement and independently of each other: the pigeonhole bootstrap
of Owen (2007), The pigeonhole bootstrap, Annals of Applied Statistics 1(2). Its intervals err on the wide side.
"""
from dataclasses import dataclass

import numpy as np

DRAWS = 2_000
CHUNK = 100  # draws of the samples at a time


@dataclass
class Estimate:
    """A mean with what it varies by."""
    mean: float
    low: float            # 95 % interval over both kinds of noise; NaN where there is nothing to draw from
    high: float
    training: float       # standard error from the runs alone; NaN for one run
    test: float           # standard error from the samples alone
    draws: np.ndarray     # the bootstrap's means

    @property
    def told_apart(self):
        """Whether the interval leaves out 0."""
        return self.low > 0 or self.high < 0


def estimates(values, seed=1, draws=DRAWS):
    """[Estimate] of values[figures, runs, samples]: the same draws for all figures, so that they can be compared draw by draw."""
    values = np.asarray(values, dtype=np.float64)
    figures, runs, samples = values.shape
    random = np.random.default_rng(seed)
    chosen_runs = random.multinomial(runs, np.full(runs, 1 / runs), size=draws) / runs
    means = np.empty((figures, draws))
    flat = values.reshape(figures * runs, samples).astype(np.float32)
    for begin in range(0, draws, CHUNK):
        size = min(CHUNK, draws - begin)
        places = random.integers(samples, size=(size, samples)) + samples * np.arange(size)[:, None]
        chosen = np.bincount(places.ravel(), minlength=size * samples).reshape(size, samples).astype(np.float32)
        by_run = (flat @ chosen.T).reshape(figures, runs, size).astype(np.float64) / samples
        means[:, begin:begin + size] = np.einsum("frd,dr->fd", by_run, chosen_runs[begin:begin + size])
    low, high = np.percentile(means, [2.5, 97.5], axis=1)
    by_run, by_sample = values.mean(axis=2), values.mean(axis=1)
    training = by_run.std(axis=1, ddof=1) / np.sqrt(runs) if runs > 1 else np.full(figures, np.nan)
    test = by_sample.std(axis=1, ddof=1) / np.sqrt(samples) if samples > 1 else np.full(figures, np.nan)
    return [Estimate(float(by_run[i].mean()), float(low[i]), float(high[i]), float(training[i]), float(test[i]), means[i]) for i in range(figures)]
