"""What every test sample got under every failure combination, as the results file keeps it: a bit a sample and outcome."""
from dataclasses import dataclass

import numpy as np

import resilience

CHUNK_BYTES = 1 << 25  # of unpacked bits at a time


@dataclass
class Correctness:
    """Bits of the finished runs of one model, and how combinations share them."""
    runs: np.ndarray      # numbers of the finished runs
    bits: np.ndarray      # uint8[finished, rows, ceil(samples / 8)], the least significant bit first
    samples: int
    guess: np.ndarray     # float64[samples], chance of a right guess where nothing flows
    row_of: object        # int32[2^n], 1 for the first row, 0 where nothing flows; None: rows are the classes of the diagram
    diagram: object       # resilience.Diagram, then
    nodes: int

    def chances(self, reliability):
        """Probability of each row under Equation 2, the first entry that nothing flows: float64[rows + 1]."""
        if self.row_of is None:
            return self.diagram.class_probabilities(reliability)
        return np.bincount(self.row_of, resilience.combination_probabilities(reliability), self.bits.shape[1] + 1)

    def _unpacked(self):
        """(place of a run, slice of its rows, uint8[these rows, samples]), a piece at a time."""
        step = max(1, CHUNK_BYTES // max(1, self.samples))
        for run, bits in enumerate(self.bits):
            for begin in range(0, len(bits), step):
                yield run, slice(begin, begin + step), np.unpackbits(bits[begin:begin + step], axis=1, count=self.samples, bitorder="little")

    def weighted(self, weights):
        """Sums of correctness over the rows, for one or more lists of weights[..., rows + 1]: float64[..., finished, samples]. With chances()
        as weights it is what a sample may expect: its mean over the samples is Equation 3."""
        weights = np.asarray(weights, dtype=np.float64)
        total = np.zeros((*weights.shape[:-1], len(self.runs), self.samples)) + weights[..., :1, None] * self.guess
        for run, some, right in self._unpacked():
            total[..., run, :] += weights[..., 1:][..., some] @ right.astype(np.float64)
        return total

    def counts(self):
        """Right samples of every combination, or of every class of the diagram: int64[finished, ...]."""
        rows = np.zeros((len(self.runs), self.bits.shape[1] + 1), dtype=np.int64)
        for run, some, right in self._unpacked():
            rows[run, 1:][some] = right.sum(axis=1, dtype=np.int64)
        return rows if self.row_of is None else rows[:, self.row_of]

    def patterns(self):
        """Samples that the rows got right in as many runs each, together: (uint16[patterns, rows], int64[patterns] samples of each, guess of each)."""
        counts = np.zeros((self.bits.shape[1], self.samples), dtype=np.uint16)
        for _, some, right in self._unpacked():
            counts[some] += right
        keys = np.concatenate([counts.T.astype(np.float64), self.guess[:, None]], axis=1)
        found, sizes = np.unique(keys, axis=0, return_counts=True)
        return found[:, :-1].astype(np.uint16), sizes, found[:, -1]

    def hardening(self, reliability):
        """Weights of the rows that give the Shapley value of hardening each node: float64[n, rows + 1]. The value is the gain of a perfect node,
        averaged along the way on which all nodes become perfect together (Owen, 1972): a sum over the table, so it has a value a run and sample."""
        r = np.asarray(reliability, dtype=np.float64)
        points, shares = np.polynomial.legendre.leggauss(self.nodes // 2 + 1)  # exact for polynomials of degree n
        weights = np.zeros((self.nodes, self.bits.shape[1] + 1))
        for point, share in zip((points + 1) / 2, shares / 2):
            on_the_way = r + point * (1 - r)
            for node in range(self.nodes):
                alive, failed = on_the_way.copy(), on_the_way.copy()
                alive[node], failed[node] = 1, 0
                weights[node] += share * (1 - r[node]) * (self.chances(alive) - self.chances(failed))
        return weights


def read(group, labels, guess_probabilities, guess, done, samples, nodes, diagram):
    """The bits of a model; None where the file has none.
    group: of the model; labels: of the test samples or None; guess: how is guessed; done: finished runs; diagram: of the form classes, else None."""
    if "right" not in group:
        return None
    if guess == "uniform" or labels is None:
        chance = np.full(samples, float(np.mean(guess_probabilities)))
    else:
        chance = np.asarray(guess_probabilities)[labels]
    row_of = group["right_row"][()] if "right_row" in group else None
    return Correctness(done, group["right"][()][done], samples, chance, row_of, diagram, nodes)
