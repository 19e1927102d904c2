#!/usr/bin/env python3
"""The sweep that a user would write today: PyTorch modules and a loop over all failure combinations.

  naive_pytorch.py WEIGHTS DATASET [--split bench] [--batch 2048] [--exact-ties]

Reads the same files as DeepFog: the weights file carries its topology. Prints the correct predictions of every
combination (bit i of its index: the i-th node of `fails` is alive) and the seconds the loop took.
"""
import argparse
import copy
import sys
import time

import h5py
import numpy as np
import torch
from torch import nn
from torch.nn.functional import pad

CLOSE = 1e-4  # of the largest score; see src/evaluation/prediction.hpp


class BadFile(Exception):
    """One line: what is wrong, what is allowed."""


class FogNetwork(nn.Module):
    """A network cut over physical nodes; a failed node computes nothing, and what arrives at a node is added."""

    def __init__(self, text):
        super().__init__()
        self.sources, self.layers, self.links, self.fails = [], {}, {}, []
        for line in text.splitlines():
            self.read(line.split("#")[0].split())
        self.width = {name: width for name, width in self.sources}
        self.order = self.sorted_nodes()
        self.stages = nn.ModuleDict({name: self.build(name) for name in self.order})

    def read(self, words):
        if not words or words[0] == "topology":
            return
        kind, rest = words[0], words[1:]
        if kind == "source":
            self.sources.append((rest[0], int(rest[1])))
        elif kind == "node":
            self.layers[rest[0]] = [part for word in rest[1:] for part in unrolled(word)]
        elif kind == "link" and rest[3:] in ([], ["skip"]):
            self.links.setdefault(rest[2], []).append(rest[0])
        elif kind == "fails":
            self.fails = rest
        else:
            raise BadFile(f"topology: '{' '.join(words)}' (this loop knows nodes with layers and plain links)")

    def sorted_nodes(self):
        """Each node behind those that send to it."""
        order, placed, waiting = [], {name for name, _ in self.sources}, list(self.layers)
        while waiting:
            ready = [node for node in waiting if all(sender in placed for sender in self.links[node])]
            order += ready
            placed.update(ready)
            waiting = [node for node in waiting if node not in placed]
        return order

    def build(self, node):
        width = max(self.width[sender] for sender in self.links[node])
        modules = []
        for kind, out in self.layers[node]:
            modules.append(nn.Linear(width, out))
            if kind == "relu":
                modules.append(nn.ReLU())
            width = out
        self.width[node] = width
        return nn.Sequential(*modules)

    def load(self, nodes):
        for node in self.order:
            linear = [module for module in self.stages[node] if isinstance(module, nn.Linear)]
            for number, module in enumerate(linear, 1):
                module.weight.data = torch.from_numpy(nodes[f"{node}/{node}.layer{number}.weight"][()])
                module.bias.data = torch.from_numpy(nodes[f"{node}/{node}.layer{number}.bias"][()])

    def forward(self, samples, failed):
        """Scores [batch, classes], or None where nothing reaches the last node."""
        widths = [width for _, width in self.sources]
        output = dict(zip((name for name, _ in self.sources), samples.split(widths, dim=1)))
        for node in self.order:
            if node in failed:
                continue
            arrived = [output[sender] for sender in self.links[node] if sender in output]
            if not arrived:
                continue
            width = max(self.width[sender] for sender in self.links[node])
            x = pad(arrived[0], (0, width - arrived[0].shape[1]))
            for other in arrived[1:]:
                x = x + pad(other, (0, width - other.shape[1]))
            output[node] = self.stages[node](x)
        return output.get(self.order[-1])


def unrolled(word):
    """relu:32*2 -> two layers."""
    kind, size = word.split(":")
    width, _, times = size.partition("*")
    return [(kind, int(width))] * int(times or 1)


def load_network(path):
    with h5py.File(path, "r") as file:
        network = FogNetwork(file.attrs["topology_text"].decode())
        network.load(file["nodes"])
    return network.eval()


def load_test_set(path, split):
    """(samples [N, F] float32, labels [N]) of the split's test part."""
    with h5py.File(path, "r") as file:
        rows = np.flatnonzero(file[f"splits/{split}"][()] == 2)
        values = file["samples"][()][rows].astype(np.float32)
        values *= np.float32(file.attrs["scale"])
        return torch.from_numpy(values), torch.from_numpy(file["labels"][()][rows])


def failed_nodes(network, combination):
    return {name for i, name in enumerate(network.fails) if not combination >> i & 1}


@torch.no_grad()
def sweep(network, samples, labels, batch):
    """The loop. Correct predictions [2^n]; 0 where nothing flows."""
    correct = []
    for combination in range(2 ** len(network.fails)):
        failed, count = failed_nodes(network, combination), 0
        for begin in range(0, len(labels), batch):
            scores = network(samples[begin : begin + batch], failed)
            if scores is None:
                break
            count += (scores.argmax(dim=1) == labels[begin : begin + batch]).sum().item()
        correct.append(count)
    return correct


@torch.no_grad()
def exact_sweep(network, samples, labels, batch):
    """The same, but rows whose best two scores are nearly equal are decided in double precision. Returns the counts, how
    many predictions that changed, and of how many."""
    exact = copy.deepcopy(network).double()
    correct, changed, predictions = [], 0, 0
    for combination in range(2 ** len(network.fails)):
        failed, count = failed_nodes(network, combination), 0
        for begin in range(0, len(labels), batch):
            part = samples[begin : begin + batch]
            scores = network(part, failed)
            if scores is None:
                break
            plain = scores.argmax(dim=1)
            best = scores.topk(2, dim=1).values
            close = best[:, 0] - best[:, 1] <= CLOSE * scores.abs().amax(dim=1)
            decided = plain.clone()
            if close.any():
                decided[close] = exact(part[close].double(), failed).argmax(dim=1)
            changed += (decided != plain).sum().item()
            predictions += len(part)
            count += (decided == labels[begin : begin + batch]).sum().item()
        correct.append(count)
    return correct, changed, predictions


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights")
    parser.add_argument("dataset")
    parser.add_argument("--split", default="bench")
    parser.add_argument("--batch", type=int, default=2048)
    parser.add_argument("--exact-ties", action="store_true", help="decide close rows in double precision (slower)")
    options = parser.parse_args()
    torch.set_num_threads(1)
    network = load_network(options.weights)
    samples, labels = load_test_set(options.dataset, options.split)
    begin = time.perf_counter()
    if options.exact_ties:
        correct, changed, predictions = exact_sweep(network, samples, labels, options.batch)
        print(f"double precision changed {changed} of {predictions} predictions", file=sys.stderr)
    else:
        correct = sweep(network, samples, labels, options.batch)
    print(f"{time.perf_counter() - begin:.3f} s", file=sys.stderr)
    print(*correct)


if __name__ == "__main__":
    try:
        main()
    except (BadFile, OSError, KeyError) as error:
        sys.exit(f"naive_pytorch.py: error: {error}")
