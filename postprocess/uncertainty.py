"""How sure a figure is: training noise (other runs) and test noise (other samples) told apart.

A figure is the mean of values[run, sample]. Both are drawn anew, with replacement and independently of each other: the pigeonhole bootstrap
of Owen (2007), The pigeonhole bootstrap, Annals of Applied Statistics 1(2). src/analysis/uncertainty does the same for `deepfog analyze`.
"""
import math
from dataclasses import dataclass

import numpy as np

import resilience

DRAWS = 2_000
CHUNK = 100  # draws of the samples at a time
NORMAL_975 = 1.959963984540054


@dataclass
class Estimate:
    """A mean with what it varies by."""
    by_run: np.ndarray    # its mean over the samples, a value a run
    by_sample: np.ndarray  # its mean over the runs, a value a sample
    draws: np.ndarray     # the bootstrap's means

    def __post_init__(self):
        self.mean = float(self.by_run.mean())
        self.training = _standard_error(self.by_run)   # from the runs alone; NaN for one run
        self.test = _standard_error(self.by_sample)    # from the samples alone
        wider = self._stretch()
        low, high = np.percentile(self.draws, [2.5, 97.5])
        self.low, self.high = float(self.mean + wider * (low - self.mean)), float(self.mean + wider * (high - self.mean))  # 95 %, over both kinds of noise

    def _stretch(self):
        """What few runs lack. The draws hold training and test noise and, twice, what runs and samples do together; the variance that is meant holds
        that once, with n - 1 in place of n, and Student's t has Satterthwaite's degrees of freedom."""
        runs, samples = len(self.by_run), len(self.by_sample)
        drawn = float(self.draws.var(ddof=1))
        if not drawn > 0 or samples < 2:
            return 1.0
        training, test = self.training ** 2 if runs > 1 else 0.0, self.test ** 2
        together = 0.0
        if runs > 1:
            together = max(0.0, drawn - training * (runs - 1) / runs - test * (samples - 1) / samples) * runs / (runs - 1) * samples / (samples - 1)
        variance = max(training, test, training + test - together)
        if variance == 0.0:
            return 0.0  # neither runs nor samples differ: what the draws vary by is rounding
        degrees = variance ** 2 / ((training ** 2 / (runs - 1) if runs > 1 else 0.0) + test ** 2 / (samples - 1))
        return _student_t_975(max(1.0, degrees)) / NORMAL_975 * math.sqrt(variance / drawn)

    def less(self, other):
        """The Estimate of the difference to another one of the same runs, samples and draws."""
        return Estimate(self.by_run - other.by_run, self.by_sample - other.by_sample, self.draws - other.draws)

    @property
    def told_apart(self):
        """Whether the interval leaves out 0."""
        return self.low > 0 or self.high < 0


def _standard_error(values):
    return float(values.std(ddof=1)) / math.sqrt(len(values)) if len(values) > 1 else math.nan


def _student_t_975(degrees):
    """Between whole degrees of freedom nearly linear in their inverse."""
    below = math.floor(degrees)
    part = (1 / below - 1 / degrees) / (1 / below - 1 / (below + 1))
    return (1 - part) * resilience.student_t_quantile(0.975, below) + part * resilience.student_t_quantile(0.975, below + 1)


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
    return [Estimate(one.mean(axis=1), one.mean(axis=0), drawn) for one, drawn in zip(values, means)]
