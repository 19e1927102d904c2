"""A distributed run of a results file (/inference/<name>) as plain values, and the figures that its tables and pictures share."""
import os
import re
from dataclasses import dataclass

import numpy as np

import inference_exits
import schema
from deepfog.program import InputError

MOST_STEM = 100  # characters of a file's name that come from a run's: a name takes at most 255 in all
CUT_LAYERS = ("gather", "part", "product", "decode")
TABLES = ("phases", "rounds", "nodes", "links", "membership", "hops")


@dataclass
class Run:
    """One group /inference/<name>; each table maps a column to its values, text columns to str."""
    name: str
    stem: str                  # of its files: the name with letters a file may have
    attributes: dict
    links: list                # hyperconnections, file order
    failing: list              # nodes that can fail, in vector order
    tables: dict               # table -> column -> values
    guessed: np.ndarray        # int64[rounds], samples of each round that were guessed: nothing reached the last node
    homes: dict                # stage -> physical node, by the topology file
    cut: bool                  # the layers of its network are cut over devices
    exits: list                # of a network with early exits, in the order in which samples meet them; else empty

    @property
    def synthetic(self):
        return self.attributes["data_origin"] != "real"

    @property
    def complete(self):
        return self.attributes["ending"] == "complete"

    @property
    def phases(self):
        return self.tables["phases"]

    @property
    def rounds(self):
        return self.tables["rounds"]

    @property
    def planned(self):
        return int(self.phases["rounds"].sum())

    @property
    def variants(self):
        """The name of each phase without its timeout: 'f2 dead@100us' -> 'f2 dead'."""
        return [name.split("@")[0] for name in self.phases["name"]]

    def of_phases(self, phases):
        """bool[rounds]: those of the phases with these numbers."""
        return np.isin(self.rounds["phase"], phases)

    def latencies(self, rows):
        """Latencies of the rounds chosen, in us, without those that are no number."""
        values = self.rounds["latency_us"][rows]
        return values[np.isfinite(values)]

    def accuracy(self, rows):
        """Correct predictions a sample, a guess counting with its expectation; nan for no rounds."""
        samples = int(self.rounds["samples"][rows].sum())
        if not samples:
            return float("nan")
        return float(self.rounds["correct"][rows].sum() + self.attributes["guess_accuracy"] * self.guessed[rows].sum()) / samples

    def timed_out(self, rows):
        """Share of the rounds in which a hyperconnection was given up; nan for no rounds."""
        return float(self.rounds["timed_out"][rows].any(axis=1).mean()) if rows.any() else float("nan")

    def frames_per_second(self, rows):
        """Rounds over the time from the first arrival to the last answer, groups of ranks side by side; nan where that is nothing."""
        return self._per_second(rows, np.ones(len(self.guessed)))

    def images_per_second(self, rows):
        """The same for the samples in them."""
        return self._per_second(rows, self.rounds["samples"])

    def _per_second(self, rows, counts):
        rate = 0.0
        for group in np.unique(self.rounds["group"][rows]):
            mine = rows & (self.rounds["group"] == group)
            arrival = self.rounds["arrival_us"][mine]
            span = float((arrival + self.rounds["latency_us"][mine]).max() - arrival.min())
            rate += 1e6 * float(counts[mine].sum()) / span if span > 0 else float("nan")
        return rate if rows.any() else float("nan")


def percentiles(latencies):
    """p50, p90, p99 and mean; four nan for none."""
    if not len(latencies):
        return np.full(4, np.nan)
    return np.append(np.percentile(latencies, (50, 90, 99)), latencies.mean())


def read(file):
    """All distributed runs of an open file whose layout is good, in file order; InputError where their indexes lead nowhere."""
    runs, stems = [], set()
    for name in file.get("inference", ()):
        stem = re.sub(r"[^A-Za-z0-9_.-]", "_", name)[:MOST_STEM]
        while stem in stems:
            stem += f"_{len(runs)}"
        stems.add(stem)
        runs.append(_read(file["inference"][name], name, stem))
    return runs


def _read(group, name, stem):
    attributes = {key: schema.text(value) if isinstance(value, bytes) else value for key, value in group.attrs.items()}
    tables = {table: {column: _values(group[table][column]) for column in group[table]} for table in TABLES}
    rounds, labels = tables["rounds"], group["labels"][()]
    where = f"{os.path.basename(group.file.filename)}: {group.name}"
    _check_range(f"{where}/rounds/phase", rounds["phase"], 0, len(tables["phases"]["name"]) - 1)
    for table in TABLES[1:]:
        _check_range(f"{where}/{table}/group", tables[table]["group"], 0, int(attributes["groups"]) - 1)
    _check_range(f"{where}/rounds/first_sample", rounds["first_sample"], 0, len(labels))
    _check_range(f"{where}/rounds/samples", rounds["samples"], 1, len(labels) - rounds["first_sample"])
    if rounds["samples"].sum() != len(rounds["prediction"]):
        raise InputError(f"{where}/rounds/prediction: {len(rounds['prediction'])} values, the rounds have {rounds['samples'].sum()} samples")
    rounds["label"] = labels[_rows(rounds)]
    text = schema.text(group["topology/text"][()])
    exits = inference_exits.names(text) if "exit" in rounds else []
    if exits:
        _check_range(f"{where}/rounds/exit", rounds["exit"], -1, len(exits) - 1)
        if len(rounds["exit"]) != len(rounds["prediction"]):
            raise InputError(f"{where}/rounds/exit: {len(rounds['exit'])} values, there are {len(rounds['prediction'])} predictions")
    return Run(name, stem, attributes, _values(group["topology/links"]), _values(group["topology/failing"]), tables,
               per_round(rounds, rounds["prediction"] == -1), *_stages(text), exits)


def _stages(topology):
    """Where each stage of a topology file stands, and whether the file is of a cut network."""
    homes, cut = {}, False
    for words in (line.split("#")[0].split() for line in topology.splitlines()):
        if words[:1] == ["node"] and len(words) > 2:
            homes[words[1]] = words[1]
        elif words[:1] == ["stage"] and words[2:3] == ["on"] and len(words) > 3:
            homes[words[1]] = words[3]
            cut = cut or any(word.split(":")[0] in CUT_LAYERS for word in words[4:])
    return homes, cut


def _values(table):
    values = table[()]
    return [schema.text(value) for value in values] if values.dtype.kind == "S" else values


def _check_range(where, values, least, most):
    bad = np.flatnonzero((values < least) | (values > most))
    if len(bad):
        most = np.broadcast_to(most, values.shape)[bad[0]]
        raise InputError(f"{where}: row {bad[0]}: {values[bad[0]]}, allowed are {least} to {most}")


def _rows(rounds):
    """The row of the test split behind each prediction: int64[predictions]."""
    ends = np.cumsum(rounds["samples"])
    return np.repeat(rounds["first_sample"] - (ends - rounds["samples"]), rounds["samples"]) + np.arange(len(rounds["prediction"]))


def per_round(rounds, flags):
    """Sums of flags[predictions] by round: int64[rounds]."""
    return np.bincount(np.repeat(np.arange(len(rounds["samples"])), rounds["samples"]), flags, len(rounds["samples"])).astype(np.int64)


def doubts(run):
    """Numbers that cannot be right, one line each."""
    rounds, where, problems = run.rounds, f"inference/{run.name}/rounds", []
    if not np.all(np.isfinite(rounds["latency_us"]) & (rounds["latency_us"] >= 0)):
        problems.append(f"{where}/latency_us: not finite or below 0")
    if not np.all((rounds["prediction"] >= -1) & (rounds["prediction"] < run.attributes["classes"])):
        problems.append(f"{where}/prediction: outside -1..{run.attributes['classes'] - 1}")
    if not np.array_equal(rounds["correct"], per_round(rounds, rounds["prediction"] == rounds["label"])):
        problems.append(f"{where}/correct: is not the count of predictions that equal their labels")
    if not np.all(np.isin(run.guessed, (0,)) | (run.guessed == rounds["samples"])):
        problems.append(f"{where}/prediction: -1 for a part of a round")
    if np.any((rounds["used"] != 0) & (rounds["timed_out"] != 0)):
        problems.append(f"{where}/timed_out: hyperconnections that were used")
    return problems
