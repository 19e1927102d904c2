"""Equations 2 and 3 of deepFogGuard and the sums over failure combinations that the tables need.

A combination is an index 0 .. 2^n - 1; bit i, least significant first, is node i of the topology, 1 = alive.
"""
import math

import numpy as np


def combination_probabilities(reliability):
    """Equation 2 for all combinations: float64[2^n] from the n survival probabilities; sums to 1."""
    probabilities = np.ones(1)
    for survival in np.asarray(reliability, dtype=np.float64):
        # Node i becomes the most significant bit so far: first the half in which it is dead, then the half in which it lives.
        probabilities = np.concatenate([probabilities * (1.0 - survival), probabilities * survival])
    return probabilities


def average(accuracy, reliability):
    """Equation 3: accuracies[..., 2^n] weighted by Equation 2; float64[...]."""
    accuracy = np.asarray(accuracy, dtype=np.float64)
    probabilities = combination_probabilities(reliability)
    if accuracy.shape[-1] != probabilities.size:
        raise ValueError(f"{accuracy.shape[-1]} combinations, but {len(reliability)} nodes have {probabilities.size}")
    return accuracy @ probabilities


def failed_nodes(nodes):
    """Number of failed nodes in each combination: int64[2^n]."""
    failed = np.zeros(1, dtype=np.int64)
    for _ in range(nodes):
        failed = np.concatenate([failed + 1, failed])
    return failed


def by_failed_nodes(accuracy, nodes):
    """Best, mean and worst over the combinations with k failures, k = 0 .. n: float64[3, runs, n + 1] from float64[runs, 2^n]."""
    failed = failed_nodes(nodes)
    columns = [accuracy[:, failed == k] for k in range(nodes + 1)]
    return np.array([[c.max(axis=1) for c in columns], [c.mean(axis=1) for c in columns],
                     [c.min(axis=1) for c in columns]]).transpose(0, 2, 1)


def mean_interval(values):
    """Mean and half width of the 95 % Student-t interval; the half width is None for fewer than two values."""
    values = np.asarray(values, dtype=np.float64)
    mean = float(values.mean())
    if values.size < 2:
        return mean, None
    error = float(values.std(ddof=1)) / math.sqrt(values.size)
    return mean, student_t_quantile(0.975, values.size - 1) * error


def student_t_quantile(probability, degrees):
    """The t with P(T <= t) = probability for 0.5 <= probability < 1, by bisection of the distribution function."""
    if not 0.5 <= probability < 1.0 or degrees < 1:
        raise ValueError(f"probability {probability} is not in [0.5, 1) or degrees of freedom {degrees} < 1")
    low, high = 0.0, 1.0
    while _student_t_distribution(high, degrees) < probability:
        high *= 2.0
    for _ in range(200):
        middle = 0.5 * (low + high)
        if _student_t_distribution(middle, degrees) < probability:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def _student_t_distribution(t, degrees):
    """P(T <= t) for t >= 0 and whole degrees of freedom: the finite sums of Abramowitz and Stegun, 26.7.3 and 26.7.4."""
    theta = math.atan(t / math.sqrt(degrees))
    sine, cosine = math.sin(theta), math.cos(theta)
    odd = degrees % 2
    term, total = (cosine if odd else 1.0), 0.0
    for power in range(odd, degrees - 1, 2):
        total += term
        term *= cosine * cosine * (power + 1) / (power + 2)
    inside = 2.0 / math.pi * (theta + sine * total) if odd else sine * total
    return 0.5 + 0.5 * inside
