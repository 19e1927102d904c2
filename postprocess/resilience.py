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


class Diagram:
    """The failure diagram of a model as the results file keeps it: all 2^n combinations as walks over few states.

    Step i goes from states[i] states to those of step i + 1; where position[i] >= 0 it decides that node, else both ways are one.
    """

    def __init__(self, position, states, failed, alive, class_of_state, nodes, classes):
        """Throws ValueError where the map leads nowhere; classes counts class 0, nothing flows."""
        self.nodes, self.classes, self.class_of_state = nodes, classes, class_of_state
        decided = np.sort(position[position >= 0])
        if not np.array_equal(decided, np.arange(nodes)):
            raise ValueError(f"does not decide each of {nodes} nodes once")
        if states[:1].tolist() != [1] or states.min() < 1 or states.sum() != failed.size or failed.size != alive.size:
            raise ValueError("its steps do not fill the tables")
        after = np.append(states[1:], class_of_state.size)
        ends = np.cumsum(states)
        self.steps = []
        for place, begin, end, size in zip(position, ends - states, ends, after):
            moves = failed[begin:end], alive[begin:end]
            if any(move.min() < 0 or move.max() >= size for move in moves):
                raise ValueError("a step leads to a state that is not there")
            self.steps.append((int(place), *moves, int(size)))
        if class_of_state.min() < 0 or class_of_state.max() >= classes:
            raise ValueError("a state is of a class that is not there")

    def class_probabilities(self, reliability):
        """p(class | R): float64[classes], one pass over the diagram."""
        now = np.ones(1)
        for place, failed, alive, size in self.steps:
            if place < 0:
                now = np.bincount(alive, now, size)
            else:
                now = np.bincount(alive, now * reliability[place], size) + np.bincount(failed, now * (1.0 - reliability[place]), size)
        return np.bincount(self.class_of_state, now, self.classes)

    def class_of(self, combination):
        """The class of one combination."""
        state = 0
        for place, failed, alive, _ in self.steps:
            state = (alive if place < 0 or combination >> place & 1 else failed)[state]
        return int(self.class_of_state[state])

    def classes_of_all(self):
        """The class of every combination: int64[2^n]."""
        combinations = np.arange(2 ** self.nodes)
        state = np.zeros(combinations.size, dtype=np.int64)
        for place, failed, alive, _ in self.steps:
            state = alive[state] if place < 0 else np.where(combinations >> place & 1, alive[state], failed[state])
        return self.class_of_state[state]

    def sizes_by_failed_nodes(self):
        """How many combinations with k failures each class has: float64[classes, n + 1], exact up to 2^53."""
        now = np.zeros((1, self.nodes + 1))
        now[0, 0] = 1
        for place, failed, alive, size in self.steps:
            after = np.zeros((size, self.nodes + 1))
            np.add.at(after, alive, now)
            if place >= 0:
                np.add.at(after[:, 1:], failed, now[:, :-1])
            now = after
        sizes = np.zeros((self.classes, self.nodes + 1))
        np.add.at(sizes, self.class_of_state, now)
        return sizes

    def by_failed_nodes(self, accuracy):
        """As by_failed_nodes(), from an accuracy a class: float64[3, runs, n + 1] from float64[runs, classes]."""
        sizes = self.sizes_by_failed_nodes()
        columns = [accuracy[:, sizes[:, k] > 0] for k in range(self.nodes + 1)]
        mean = accuracy @ (sizes / sizes.sum(axis=0))
        return np.array([np.stack([c.max(axis=1) for c in columns], axis=1), mean, np.stack([c.min(axis=1) for c in columns], axis=1)])


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
