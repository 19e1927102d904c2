"""Where the physical nodes of a topology stand in a drawing, and what its hyperconnections carry; read from the topology's text."""
import re
from dataclasses import dataclass, field


@dataclass
class Network:
    """Physical nodes and sources with a place each, and the hyperconnections between them."""
    places: dict = field(default_factory=dict)    # name -> (column, row), both from 0
    sources: list = field(default_factory=list)
    links: list = field(default_factory=list)     # (from, to, skip, elements or None) between physical nodes, each pair once
    columns: int = 0
    rows: int = 0


def statements(text):
    """The words of every line that says something, an arrow always a word of its own."""
    lines = (line.split("#")[0].replace("->", " -> ").split() for line in text.splitlines())
    return [words for words in lines if words]


def read(text):
    """The drawing of a topology; None where there is nothing to draw (a network cut over devices, or no links)."""
    owner, width, links, sources = {}, {}, [], []
    for words in statements(text):
        if len(words) < 2:
            continue
        if words[0] == "source":
            owner[words[1]] = words[1]
            sources.append(words[1])
            width[words[1]] = _size(words[2]) if len(words) > 2 else None
        elif words[0] == "node":
            owner[words[1]], width[words[1]] = words[1], _width(words[2:])
        elif words[0] == "stage" and len(words) > 3 and words[2] == "on":
            owner[words[1]], width[words[1]] = words[3], _width(words[4:])
        elif words[0] == "link" and len(words) > 3:
            links.append((words[1], words[3], "skip" in words[4:]))
    between = {}
    for begin, end, skip in links:
        if begin not in owner or end not in owner:
            return None
        pair = owner[begin], owner[end]
        if pair[0] != pair[1]:
            elements, was_skip = between.get(pair, (0, True))
            carried = width[begin]
            between[pair] = (None if elements is None or carried is None else elements + carried, was_skip and skip)
    if not between:
        return None
    network = Network(sources=sources, links=[(*pair, skip, elements) for pair, (elements, skip) in between.items()])
    _place(network, list(dict.fromkeys(owner.values())))
    return network


def _size(word):
    """Elements of a source: 32, or 3x32x32."""
    product = 1
    for part in word.split("x"):
        if not part.isdigit():
            return None
        product *= int(part)
    return product


def _width(layers):
    """Elements that a stage of dense layers sends on; None for others, whose size depends on what they get."""
    last = [word for word in layers if re.fullmatch(r"[a-z-]+:[0-9]+(\*[0-9]+)?", word)]
    if not last or "conv" in last[-1]:
        return None
    return int(last[-1].split(":")[1].split("*")[0])


def _place(network, names):
    """Columns by the longest way from a source, rows in the order of the text; a column is centred by who draws it."""
    depth = {name: 0 for name in names}
    for _ in names:
        for begin, end, _skip, _elements in network.links:
            depth[end] = max(depth[end], min(depth[begin] + 1, len(names)))
    used = {}
    for name in names:
        row = used.get(depth[name], 0)
        network.places[name] = depth[name], row
        used[depth[name]] = row + 1
    network.columns, network.rows = max(depth.values()) + 1, max(used.values())
