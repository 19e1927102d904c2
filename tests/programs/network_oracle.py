"""Dense networks once more, in double precision and forty lines: what every answer is held against.

Reads the topology and weights of a weights file; knows link, skip, weight=, and layers of relu and linear. The rest of a
topology's words is refused.
"""
import h5py
import numpy as np


class Oracle:
    def __init__(self, weights_path, dataset_path):
        with h5py.File(weights_path, "r") as file:
            self._read_topology(file.attrs["topology_text"].decode())
            self.tensors = {name: tensor[()].astype(np.float64) for node in file["nodes"].values() for name, tensor in node.items()}
            if "normalisation" in file:
                raise ValueError("normalised data")
        with h5py.File(dataset_path, "r") as file:
            names = [name.decode() for name in file["sources/names"][()]]
            bounds = np.concatenate([[0], np.cumsum(file["sources/width"][()])])
            test = file["splits/random"][()] == 2
            samples = file["samples"][()][test].astype(np.float64)
            self.labels = file["labels"][()][test]
        self.samples = {name: samples[:, bounds[i]:bounds[i + 1]] for i, name in enumerate(names)}

    def _read_topology(self, text):
        self.layers, self.links, self.failing = {}, [], []
        for line in text.splitlines():
            words = line.split("#")[0].split()
            if not words or words[0] in ("topology", "source"):
                continue
            if words[0] == "node":
                self.layers[words[1]] = [kind for word in words[2:] for kind in _expanded(word)]
            elif words[0] == "link":
                weight = [float(word[7:]) for word in words[4:] if word.startswith("weight=")]
                self.links.append((words[1], words[3], weight[0] if weight else 1.0))
            elif words[0] == "fails":
                self.failing = words[1:]
            else:
                raise ValueError(line)

    def scores(self, used):
        """[samples, classes] when exactly these hyperconnections were used (flags in file order); None: nothing arrived."""
        outputs = dict(self.samples)
        for stage, kinds in self.layers.items():  # the tests' topologies stand in order
            terms = [weight * outputs[source] for (source, to, weight), flag in zip(self.links, used)
                     if to == stage and flag and outputs.get(source) is not None]
            if not terms:
                outputs[stage] = None
                continue
            width = max(_width(self, source) for source, to, _ in self.links if to == stage)
            value = sum(np.pad(term, ((0, 0), (0, width - term.shape[1]))) for term in terms)
            for number, kind in enumerate(kinds, 1):
                value = value @ self.tensors[f"{stage}.layer{number}.weight"].T + self.tensors[f"{stage}.layer{number}.bias"]
                value = np.maximum(value, 0) if kind == "relu" else value
            outputs[stage] = value
        return outputs[list(self.layers)[-1]]

    def used_under(self, combination):
        """Flags of the links along which information flows; bit i: failing node i is alive."""
        dead = {name for i, name in enumerate(self.failing) if not combination >> i & 1}
        speaks = {name: True for name in self.samples}
        flags = []
        for stage in self.layers:
            speaks[stage] = stage not in dead and any(speaks[source] for source, to, _ in self.links if to == stage)
        last = list(self.layers)[-1]
        reaches = {last: speaks[last]}
        for stage in reversed(list(self.layers)):
            for source, to, _ in self.links:
                if to == stage and reaches.get(to) and speaks[source]:
                    reaches[source] = True
        for source, to, _ in self.links:
            flags.append(int(bool(speaks[source] and speaks.get(to) and reaches.get(to))))
        return flags


def _expanded(word):
    kind, _, size = word.partition(":")
    return [kind] * (int(size.split("*")[1]) if "*" in size else 1)


def _width(oracle, source):
    if source in oracle.samples:
        return oracle.samples[source].shape[1]
    return oracle.tensors[f"{source}.layer{len(oracle.layers[source])}.bias"].shape[0]


def labels_and_margin(scores):
    """The largest score's class, and how far the second one is below it."""
    ordered = np.sort(scores, axis=1)
    return scores.argmax(axis=1), ordered[:, -1] - ordered[:, -2]
