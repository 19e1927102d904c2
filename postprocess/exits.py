"""What the exits of a network did (group exits of a model, DDNN) as plain values, and the numbers that follow from them."""
import os
import re
from dataclasses import dataclass

import numpy as np

import schema
from deepfog.program import InputError

KINDS = ("data", "verdict", "answer")
MOST_BITS = 2 ** 40


@dataclass
class Link:
    """A hyperconnection that is a message."""
    name: str
    kind: str                  # data, verdict or answer
    sender: str                # physical node
    bits: int                  # of a sample that travels
    passed: int                # exits that a sample must have passed to travel


@dataclass
class Exits:
    """The tables of one model; rows are the finished runs only. Its usual combination has failed what the model was trained without."""
    names: list
    heads: list                # exits and class summaries
    samples: int
    thresholds: np.ndarray     # float64[finished, exits]
    answered: np.ndarray       # int64[finished, rows, exits]
    correct: np.ndarray        # likewise
    grid: np.ndarray           # float64[points]
    curve_answered: np.ndarray  # int64[finished, points, exits] under the usual combination
    curve_correct: np.ndarray  # likewise
    alone: np.ndarray          # int64[finished, rows, heads]
    links: list
    nodes: list                # that can fail, in vector order
    without: list              # those of them that the model was trained without
    lets: dict                 # name -> words of the topology's let lines
    text: str                  # the topology's
    problems: list             # numbers that cannot be right
    diagram: object            # resilience.Diagram of a table of classes, whose rows are classes; else None

    @property
    def usual(self):
        """The row of the combination that the model was trained for."""
        return self.combination(self.without)

    def combination(self, failed):
        """The row of the combination in which exactly these nodes are failed."""
        index = sum(1 << i for i, node in enumerate(self.nodes) if node not in failed)
        return self.diagram.class_of(index) if self.diagram else index

    def shares(self, answered):
        """Shares of the samples from counts of them."""
        return np.asarray(answered) / self.samples

    def alone_accuracy(self, combination):
        """Accuracy of every exit when it answers all samples: float64[finished, exits]; nan where nothing reaches an exit."""
        counts = self.alone[:, combination, [self.heads.index(name) for name in self.names]].astype(np.float64)
        counts[:, ~counts.any(axis=0)] = np.nan
        return counts / self.samples

    def node_of(self, stage):
        """The physical node of a stage, by the topology's text."""
        found = re.search(rf"^\s*stage\s+{re.escape(stage)}\s+on\s+(\S+)", self.text, re.MULTILINE)
        return found.group(1) if found else stage  # a node's own stage has its name

    def head_of(self, node):
        """The class summary of a device, or the exit on it; None where it has neither."""
        found = [head for head in self.heads if self.node_of(head) == node]
        return min(found, key=lambda head: head in self.names) if found else None

    @property
    def devices(self):
        """Nodes that send data before any other has had a say: the senders of data of which the fewest exits have been passed."""
        data = [link for link in self.links if link.kind == "data"]
        least = min((link.passed for link in data), default=0)
        return [node for node in dict.fromkeys(link.sender for link in data if link.passed == least) if node not in self.without]

    def device_bytes(self, answered):
        """Bytes a sample, mean over the devices (DDNN, section III-E): float64[...] from counts [..., exits]; None without devices.

        A device's links for data, each by the share of samples that travel on it: those that have not left at the exits before.
        """
        devices, shares = self.devices, self.shares(answered)
        if not devices:
            return None
        travel = 1 - np.concatenate([np.zeros(shares.shape[:-1] + (1,)), np.cumsum(shares, axis=-1)], axis=-1)
        return sum(link.bits / 8 * travel[..., link.passed] for link in self.links
                   if link.kind == "data" and link.sender in devices) / len(devices)


def read(group, done, diagram=None):
    """The exits of an open model whose layout is good, rows of the runs `done`; None for a model of another kind.

    diagram: of a table of classes.
    """
    if "exits" not in group:
        return None
    tables, experiment = group["exits"], group.parent.parent
    samples, nodes = int(experiment.attrs["test_samples"]), [schema.text(node) for node in experiment["topology/nodes"][()]]
    names, heads = ([schema.text(name) for name in tables[key][()]] for key in ("names", "heads"))
    source = schema.text(group["topology_text"][()])
    without = schema.text(group.attrs.get("trained_without", b"")).split()
    _require(group, "@trained_without", without, all(node in nodes for node in without), "names of nodes that can fail")
    _require(group, "/exits/names", names, names and len(set(names)) == len(names) and set(names) <= set(heads), "each once, and among the heads")
    _require(experiment, "@test_samples", samples, samples >= 1, "1 or more")
    exits = Exits(names, heads, samples, tables["thresholds"][()][done], tables["answered"][()][done], tables["correct"][()][done],
                  tables["grid"][()], None, None, tables["alone"][()][done], _links(group, len(names)), nodes, without, _lets(source), source, [], diagram)
    _require(group, "/exits/grid", exits.grid.tolist(), len(exits.grid) and np.all((exits.grid >= 0) & (exits.grid <= 1)), "0 to 1")
    _check(exits, group, done)
    return exits


def _links(group, exits):
    tables = group["exits/links"]
    words = [[schema.text(word) for word in tables[key][()]] for key in ("names", "kinds", "senders")]
    links = [Link(*row) for row in zip(*words, tables["bits"][()].tolist(), tables["exits_passed"][()].tolist())]
    for link in links:
        _require(group, "/exits/links/kinds", link.kind, link.kind in KINDS, ", ".join(KINDS))
        _require(group, "/exits/links/bits", link.bits, 1 <= link.bits <= MOST_BITS, f"1 to {MOST_BITS}")
        _require(group, "/exits/links/exits_passed", link.passed, 0 <= link.passed < exits, f"0 to {exits - 1}")
    return links


def _lets(text):
    """name -> words of the let lines of a topology's text."""
    lines = (line.split("#")[0].split() for line in text.splitlines())
    return {words[1]: words[2:] for words in lines if len(words) > 2 and words[0] == "let"}


def _check(exits, group, done):
    """Checks the counts, a run of the curves at a time as they may be large, and keeps of these the usual combination."""
    counts, kept = "class_correct" if exits.diagram else "correct", {"answered": [], "correct": []}
    flow = np.arange(group[counts].shape[1]) > 0 if exits.diagram else group["flow"][()].astype(bool)
    bad = set()
    for row, run in enumerate(done):
        overall = group[counts][run]
        if np.any(exits.correct[row].sum(axis=-1) != overall):
            bad.add("exits/correct: its exits do not sum to the model's correct")
        bad |= _counts("", exits.answered[row], exits.correct[row], flow, exits.samples)
        answered, correct = (group[f"exits/curve_{word}"][run] for word in kept)
        bad |= _counts("curve_", answered, correct, flow[:, None], exits.samples)
        kept["answered"].append(answered[exits.usual])
        kept["correct"].append(correct[exits.usual])
        if exits.alone[row].min() < 0 or exits.alone[row].max() > exits.samples or exits.alone[row][~flow].any():
            bad.add(f"exits/alone: outside 0..{exits.samples} or not 0 where nothing flows")
    shape = (len(done), len(exits.grid), len(exits.names))
    exits.curve_answered, exits.curve_correct = (np.array(kept[word], dtype=np.int64).reshape(shape) for word in kept)
    first = exits.thresholds[:, :-1]  # the last exit takes all that reach it
    if not np.all((first >= 0) & (first <= 1)):
        bad.add("exits/thresholds: outside 0..1")
    if np.any(np.diff(exits.grid) <= 0):
        bad.add("exits/grid: does not ascend")
    exits.problems = sorted(bad)


def _counts(prefix, answered, correct, flow, samples):
    """What cannot be right about one run's counts [..., exits]."""
    bad = set()
    if np.any(answered < 0) or np.any(answered.sum(axis=-1) != np.where(flow, samples, 0)):
        bad.add(f"exits/{prefix}answered: the exits do not answer every sample once, or some where nothing flows")
    if np.any((correct < 0) | (correct > answered)):
        bad.add(f"exits/{prefix}correct: outside 0..answered")
    return bad


def _require(group, what, value, good, allowed):
    """InputError for what the figures are made of."""
    if not good:
        raise InputError(f"{os.path.basename(group.file.filename)}: {group.name}{what}: {value} (allowed: {allowed})")


def models_of(experiment):
    """Models with exits of which a run is finished."""
    return [model for model in experiment.models if model.exits and len(model.runs)]


def families(experiment, *lets):
    """Models that differ in these let lines of their topology and in nothing else that they were made from; lists of at least two values."""
    groups = {}
    for model in models_of(experiment):
        if all(name in model.exits.lets for name in lets):
            groups.setdefault((_without_lets(model.exits.text, lets), *training(model)), []).append(model)
    return [group for group in groups.values() if len({tuple(tuple(m.exits.lets[name]) for name in lets) for m in group}) > 1]


def training(model):
    """How a model was trained, as far as it tells models of one topology apart."""
    words = [str(model.attributes.get(key, "")) for key in ("training", "exit_threshold", "exit_threshold_value", "epochs", "learning_rate", "normalise")]
    return (*words, tuple(np.ravel(model.attributes.get("failout_rates", ()))), tuple(model.exits.without))


def _without_lets(text, names):
    """A topology's text without these let lines."""
    return "\n".join(line for line in text.splitlines() if line.split()[:2] not in [["let", name] for name in names])


def whole_of(experiment, model):
    """The model with the same topology that was trained with all nodes, the first of such; None where there is none."""
    found = [other for other in models_of(experiment) if not other.exits.without and other.exits.text == model.exits.text]
    return min(found, key=lambda other: training(other)[:-1] != training(model)[:-1]) if found else None


def added_devices(experiment):
    """Models in which one device after the other joins, fewest first, the last with all; empty where there are not three such.

    The longest row of models of one topology in which each was trained without a part of what the one before it was trained without;
    of equal ones that in which the devices that are worse by themselves join first.
    """
    best = []
    for whole in (model for model in models_of(experiment) if not model.exits.without):
        same = [m for m in models_of(experiment) if m.exits.text == whole.exits.text and training(m)[:-1] == training(whole)[:-1] and m.exits.without]

        def rank(row, last=whole):
            return len(row), [-individual for individual in _individuals(row, last)]

        rows = {}  # model's place -> the best row that ends with it
        for place in sorted(range(len(same)), key=lambda i: -len(same[i].exits.without)):
            before = [rows[i] for i in rows if set(same[i].exits.without) > set(same[place].exits.without)]
            rows[place] = [*max(before, key=rank, default=[]), same[place]]
        best = max(best, max(([*row, whole] for row in rows.values()), key=rank, default=[]), key=len)
    return best if len(best) >= 3 else []


def joined(row):
    """The nodes that join with each model of a row of added_devices()."""
    live = [[node for node in model.exits.nodes if node not in model.exits.without] for model in row]
    return [[node for node in now if node not in before] for before, now in zip([[], *live], live)]


def individual(whole, nodes):
    """Accuracy of a device's class summary in the network of all devices: float64[finished]; None for several devices or none."""
    head = whole.exits.head_of(nodes[0]) if len(nodes) == 1 else None
    return whole.exits.alone[:, whole.exits.usual, whole.exits.heads.index(head)] / whole.exits.samples if head else None


def _individuals(row, whole):
    """Means of individual() along a row; 0 where it is not known."""
    found = [individual(whole, nodes) for nodes in joined(row)]
    return [0.0 if values is None else float(values.mean()) for values in found]
