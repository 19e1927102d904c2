"""Where the physical nodes of a topology stand in a drawing, and what its hyperconnections carry; read from the topology's text."""
import re
from dataclasses import dataclass, field

import layer_sizes

FLOAT_BITS = 32
MOST_DRAWN = 1000  # stages or links of a drawing


@dataclass
class Network:
    """Physical nodes and sources with a place each, and the hyperconnections between them."""
    places: dict = field(default_factory=dict)    # name -> (column, row), both from 0
    sources: list = field(default_factory=list)
    links: list = field(default_factory=list)     # (from, to, skip, bits a sample or None) between physical nodes, each pair once
    columns: int = 0
    rows: int = 0


@dataclass
class Stage:
    """A source, or a stage as its statement has it."""
    owner: str
    words: list = field(default_factory=list)     # aggregation and layers
    shape: tuple = None
    binary: bool = False                          # its values are bits
    incoming: list = field(default_factory=list)  # (name, whether it is pooled)


def statements(text):
    """The words of every line that says something, an arrow always a word of its own."""
    lines = (line.split("#")[0].replace("->", " -> ").split() for line in text.splitlines())
    return [words for words in lines if words]


def _with_lets(all_words):
    """The statements with the words that `let` lines gave names to."""
    lets = {}
    for words in all_words:
        if words[0] == "let":
            lets.update({words[1]: words[2:]} if len(words) > 1 else {})
            continue
        full = []
        for word in words:
            alone = lets.get(word[1:]) if word.startswith("$") else None
            full += alone or [re.sub(r"\$([^:*/]+)", lambda match: " ".join(lets.get(match[1], [match[0]])), word)]
        yield full


def read(text):
    """The drawing of a topology; None where there is nothing to draw (a network cut over devices, or no links)."""
    stages, links, sources = {}, [], []
    for words in _with_lets(statements(text)):
        if len(words) < 2:
            continue
        if words[0] == "source":
            stages[words[1]] = Stage(words[1], shape=layer_sizes.source_shape(words[2]) if len(words) > 2 else None)
            sources.append(words[1])
        elif words[0] == "node":
            stages[words[1]] = Stage(words[1], words[2:])
        elif words[0] == "stage" and len(words) > 3 and words[2] == "on":
            stages[words[1]] = Stage(words[3], words[4:])
        elif words[0] == "link" and len(words) > 3:
            links.append((words[1], words[3], words[4:]))
    if max(len(stages), len(links)) > MOST_DRAWN or any(name not in stages for begin, end, _ in links for name in (begin, end)):
        return None
    for begin, end, options in links:
        stages[end].incoming.append((begin, "expand=pool" in options))
    _set_shapes(stages, sources)
    between = {}
    for begin, end, options in links:
        pair = stages[begin].owner, stages[end].owner
        if pair[0] != pair[1]:
            bits, was_skip = between.get(pair, (0, True))
            carried = _bits(stages[begin])
            between[pair] = (None if bits is None or carried is None else bits + carried, was_skip and "skip" in options)
    if not between:
        return None
    network = Network(sources=sources, links=[(*pair, skip, bits) for pair, (bits, skip) in between.items()])
    _place(network, list(dict.fromkeys(stage.owner for stage in stages.values())))
    return network


def _set_shapes(stages, sources):
    """Of every stage, once those that it reads are known."""
    known, waiting = set(sources), [name for name in stages if name not in sources]
    while waiting:
        ready = [name for name in waiting if all(begin in known for begin, _ in stages[name].incoming)]
        if not ready:
            return  # a cycle: nothing that a file of ours holds
        for name in ready:
            stage = stages[name]
            begins, pooled = zip(*stage.incoming) if stage.incoming else ((), ())
            stage.shape, stage.binary = layer_sizes.behind(stage.words, layer_sizes.gathered(stage.words, [stages[begin].shape for begin in begins], pooled))
        known.update(ready)
        waiting = [name for name in waiting if name not in known]


def _bits(stage):
    """What a stage sends for a sample."""
    return None if stage.shape is None else layer_sizes.size(stage.shape) * (1 if stage.binary else FLOAT_BITS)


def _place(network, names):
    """Columns by the longest way from a source, rows in the order of the text; a column is centred by who draws it."""
    depth = {name: 0 for name in names}
    for _ in names:
        for begin, end, _skip, _bits_carried in network.links:
            depth[end] = max(depth[end], min(depth[begin] + 1, len(names)))
    used = {}
    for name in names:
        row = used.get(depth[name], 0)
        network.places[name] = depth[name], row
        used[depth[name]] = row + 1
    network.columns, network.rows = max(depth.values()) + 1, max(used.values())
