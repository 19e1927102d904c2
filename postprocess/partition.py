"""How a network was cut over devices (groups partition and front of a model) as plain values."""
import os
from dataclasses import dataclass

import numpy as np

import schema
from deepfog.program import InputError

NAMES = {"robustdice": "RobustDiCE", "lop": "LOP", "cdc": "CDC", "replicated": "full replication", "random": "random"}
MEGABYTE, MOST_BYTES = 1e6, 2 ** 60


@dataclass
class Front:
    """What a search of thresholds looked at in run 0; a point a row."""
    failed: int                # devices; accuracy is the mean over the combinations with so many failures
    thresholds: np.ndarray     # float64[points], NaN where each layer has its own
    bytes: np.ndarray          # int64[points] of the largest device
    accuracy: np.ndarray       # float64[points], NaN where it was not measured
    on_front: np.ndarray       # bool[points]


@dataclass
class Partition:
    """The tables of one model; rows are the finished runs only."""
    method: str
    network: str
    scores: str                # s1 s2 s3, or some of them; empty but for RobustDiCE
    normalisation: str
    devices: int               # data devices; CDC has a spare beside
    images: int                # calibration images
    network_bytes: int         # weights on a device under full replication
    layers: list
    neurons: np.ndarray        # int64[layers]
    held: np.ndarray           # int64[finished, layers] over all data devices, replicas counted
    device_bytes: np.ndarray   # int64[finished, devices]
    thresholds: np.ndarray     # float64[finished, layers], or None
    front: Front               # or None

    @property
    def largest(self):
        """Bytes of the largest device, mean over runs; nan for no runs."""
        return float(self.device_bytes.max(axis=1).mean()) if len(self.device_bytes) else float("nan")

    @property
    def saved(self):
        """Share of full replication that the largest device does not hold."""
        return 1 - self.largest / self.network_bytes

    @property
    def copies(self):
        """Devices that hold a neuron, mean over the neurons of a layer and over runs: float64[layers]; nan for no runs."""
        return self.held.mean(axis=0) / self.neurons if len(self.held) else np.full(len(self.neurons), np.nan)

    @property
    def label(self):
        """RobustDiCE (s1 + s2), LOP ..."""
        return NAMES[self.method] + (f" ({' + '.join(self.scores.split())})" if self.scores else "")


def read(group, done):
    """The partition of an open model whose layout is good, rows of the runs `done`; None for a model of another kind."""
    if "partition" not in group:
        return None
    words = {key: schema.text(group.attrs[key]) for key in ("method", "network", "scores", "score_normalisation")}
    numbers = [int(group.attrs[key]) for key in ("devices", "calibration_images", "network_bytes")]
    tables, front, nodes = group["partition"], None, group.attrs["failout_rates"].size
    _require(group, "@devices", numbers[0], nodes, nodes)
    _require(group, "@network_bytes", numbers[2], 1, MOST_BYTES)
    _require(group, "/partition/neurons", int(tables["neurons"][()].min(initial=MOST_BYTES)), 1, MOST_BYTES)
    if "front" in group:
        _require(group, "/front@failed", int(group["front"].attrs["failed"]), 0, nodes)
        front = Front(int(group["front"].attrs["failed"]), *(group["front"][name][()] for name in ("thresholds", "bytes", "accuracy")),
                      group["front"]["on_front"][()] != 0)
    return Partition(*words.values(), *numbers, [schema.text(name) for name in tables["layers"][()]], tables["neurons"][()],
                     tables["held"][()][done], tables["device_bytes"][()][done],
                     tables["thresholds"][()][done] if "thresholds" in tables else None, front)


def _require(group, what, value, least, most):
    """InputError for a number that the figures are made of: they would divide by it, or look where nothing is."""
    if not least <= value <= most:
        allowed = f"{least} to {most}" if least < most else str(least)
        raise InputError(f"{os.path.basename(group.file.filename)}: {group.name}{what}: {value} (allowed: {allowed})")


def doubts(cut, where, nodes):
    """Numbers that cannot be right, one line each."""
    problems = []
    least = cut.neurons * (nodes if cut.method == "replicated" else 1)
    most = cut.neurons * (nodes if cut.method in ("replicated", "robustdice") else 1)
    if np.any((cut.held < least) | (cut.held > most)):
        problems.append(f"{where}/partition/held: fewer neurons than the layer has, or more than the method gives")
    if np.any(cut.device_bytes < 1) or np.any(cut.device_bytes[:, :nodes] > cut.network_bytes):
        problems.append(f"{where}/partition/device_bytes: nothing, or more than the network")
    front = cut.front
    if front and not np.array_equal(front.on_front, on_front(front.bytes, front.accuracy)):
        problems.append(f"{where}/front/on_front: is not the Pareto front of bytes and accuracy")
    return problems


def on_front(size, accuracy):
    """bool[points]: no other point has as few bytes and as high an accuracy, one of them better; nan is on no front."""
    known = np.flatnonzero(~np.isnan(accuracy))
    order = known[np.lexsort((-accuracy[known], size[known]))]
    found = np.zeros(len(size), dtype=bool)
    if not len(order):
        return found
    sizes, values = size[order], accuracy[order]
    first = np.flatnonzero(np.append(True, sizes[1:] != sizes[:-1]))  # of those with as many bytes: the most accurate
    before = np.append(-np.inf, np.maximum.accumulate(values[first])[:-1])  # the best with fewer bytes
    group = np.cumsum(np.append(0, sizes[1:] != sizes[:-1]))
    found[order] = (values == values[first][group]) & (values > before[group])
    return found
