"""What a distributed run cost, made from its tables: traffic by pair of nodes, and the columns of RobustDiCE's Table 2."""
from dataclasses import dataclass

import numpy as np

MOST_LINKS = 40  # hyperconnections shown one by one; a cut network has up to a thousand
HOST = "host"    # of a cut network: puts the last layer together, computes nothing
COUNTS = ("messages", "phis", "bytes_measured", "bytes_predicted", "arrived", "late", "duplicates", "timeouts", "lost", "delayed")


@dataclass
class Pair:
    """All hyperconnections from one physical node to another, summed over the groups of ranks."""
    sender: str
    receiver: str
    links: int
    counts: dict               # of COUNTS
    hops_us: list              # half round trips that were measured on them

    @property
    def label(self):
        return f"{self.sender}->{self.receiver} ({self.links} link{'' if self.links == 1 else 's'})"


def ends(run, link):
    """The physical nodes of a hyperconnection; a source stands for itself."""
    sender, receiver = link.split("->", 1) if "->" in link else (link, link)
    return run.homes.get(sender, sender), run.homes.get(receiver, receiver)


def pairs(run):
    """The pairs of nodes that exchange messages, in the order of their first hyperconnection, and how many links are local."""
    table, found = run.tables["links"], {}
    numbers = {link: i for i, link in enumerate(run.links)}
    rows = np.array([numbers.get(link, -1) for link in table["link"]], dtype=np.int64)
    sums = {name: np.bincount(rows[rows >= 0], table[name][rows >= 0].astype(np.float64), len(run.links)) for name in COUNTS}
    local = np.bincount(rows[rows >= 0], table["local"][rows >= 0], len(run.links)) > 0
    hops = {}
    for link, time in zip(run.tables["hops"]["link"], run.tables["hops"]["half_round_trip_us"]):
        hops.setdefault(link, []).append(float(time))
    for number, link in enumerate(run.links):
        if local[number]:
            continue
        pair = found.setdefault(ends(run, link), Pair(*ends(run, link), 0, dict.fromkeys(COUNTS, 0), []))
        pair.links += 1
        pair.hops_us += hops.get(link, [])
        for name in COUNTS:
            pair.counts[name] += int(sums[name][number])
    return list(found.values()), int(local.sum())


@dataclass
class Performance:
    """RobustDiCE, Table 2, for one run; nan where there is nothing to tell."""
    calm: bool                 # whether there were rounds without failures; else throughput and latency are over all
    rounds: int
    frames_per_s: float
    images_per_s: float
    latency_us: float          # of an image: of a frame, over the images in it
    bytes: float               # an image, over all hyperconnections, headers included, over all rounds
    messages: float            # an image, Φ included
    device: str                # the one with the most resident memory
    resident: float            # its bytes
    energy: float              # J an image of the device that needs most
    energy_all: float          # J an image of all nodes together
    known: int                 # nodes whose energy is known
    nodes: int


def performance(run):
    """Throughput and latency are those of the rounds without failures by plan or script, where there are some."""
    rows = run.of_phases(_calm_phases(run))
    calm = bool(rows.any())
    rows = rows if calm else np.ones(len(run.guessed), dtype=bool)
    samples, images = run.rounds["samples"], int(run.rounds["samples"].sum())
    remote = run.tables["links"]["local"] == 0
    sent = float(run.tables["links"]["bytes_measured"][remote].sum())
    messages = float((run.tables["links"]["messages"] + run.tables["links"]["phis"])[remote].sum())
    return Performance(calm, int(rows.sum()), run.frames_per_second(rows), run.images_per_second(rows),
                       _over(float(run.latencies(rows).sum()), int(samples[rows].sum())), _over(sent, images), _over(messages, images), *_memory(run),
                       *_energy(run))


def _calm_phases(run):
    alive = 2 ** len(run.failing) - 1
    return [i for i, (combination, script) in enumerate(zip(run.phases["combination"], run.phases["script"])) if int(combination) == alive and not script]


def _over(value, count):
    return value / count if count else float("nan")


def _memory(run):
    nodes = run.tables["nodes"]
    rows = [i for i in np.flatnonzero(nodes["reported"] == 1) if not (run.cut and nodes["node"][i] == HOST)]
    if not rows:
        return "", float("nan")
    largest = max(rows, key=lambda i: nodes["resident_bytes"][i])
    return nodes["node"][largest], float(nodes["resident_bytes"][largest])


def _energy(run):
    """Of the largest device and of all, and how many of how many nodes are known; a group's energy is for that group's images."""
    nodes = run.tables["nodes"]
    images = np.bincount(run.rounds["group"], run.rounds["samples"], run.attributes["groups"])
    known = np.flatnonzero((nodes["reported"] == 1) & np.isfinite(nodes["energy_j"]) & (images[nodes["group"]] > 0))
    if not len(known):
        return float("nan"), float("nan"), 0, len(nodes["node"])
    device = np.array([not (run.cut and nodes["node"][i] == HOST) for i in known])
    each = nodes["energy_j"][known] / images[nodes["group"][known]]
    return float(each[device].max(initial=0)), float(nodes["energy_j"][known].sum() / images.sum()), len(known), len(nodes["node"])
