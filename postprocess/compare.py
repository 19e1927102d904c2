#!/usr/bin/env python3
"""Compares two results files: every table and attribute that is a result, not when, where and how fast it was made."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
from deepfog.start import start

start(__name__, "numpy", "h5py")

# pylint: disable=wrong-import-position
import argparse
from collections import namedtuple

import h5py
import numpy as np

import hdf5_file
import results
import schema
from deepfog import program
from deepfog.program import InputError

EXAMPLE = """example:
  postprocess/compare.py one-rank.h5 five-ranks.h5
  postprocess/compare.py mine.h5 theirs.h5 --tolerance 0.005 --table accuracy average_accuracy

Never compared: created, finished, train_seconds, sweep_seconds. Of a distributed run everything is compared but what a clock or the machine
says: columns ending in _us, waited_for, resident_bytes, energy_j. Which vectors were used, who was suspected and what was sent may depend on
time, too, and is compared all the same; --table rounds/prediction asks for the answers alone. Where and how a file was made (hosts, ranks, versions, config text ...)
is noted when it differs and counts only with --strict; /sessions is left out.
exit code: 0 equal within the tolerance, 1 different, 2 bad input"""

TIMES = {"created", "finished", "train_seconds", "sweep_seconds", "arrival_us", "latency_us", "settle_us", "compute_us", "wait_us", "idle_us",
         "time_us", "half_round_trip_us", "waited_for", "resident_bytes", "energy_j"}
ROWS = 1 << 24  # cells of a table compared at a time
PROVENANCE = {"software_version", "git_sha", "git_dirty", "command_line", "config_text", "config_sha256", "hosts", "ranks",
              "threads_per_rank", "engine", "memory_bytes", "mpi_library", "torch_version", "blas_library"}
BOOKKEEPING = {"CLASS", "NAME", "REFERENCE_LIST", "DIMENSION_LIST", "DIMENSION_LABELS"}  # of HDF5 dimension scales
TABLES = list(dict.fromkeys(e.path[len(schema.MODEL) + 1:].split("/")[0] for e in schema.LABELLED
                            if e.path.startswith(schema.MODEL) and e.path.split("/")[-1] not in TIMES))
TABLES += [e.path[len(schema.INFERENCE) + 1:] for e in schema.LABELLED if e.path.startswith(schema.INFERENCE) and e.path.split("/")[-1] not in TIMES]

# size: largest absolute difference, infinite where no number tells it; where: index in words; cells: how many differ.
Difference = namedtuple("Difference", "size path where a b cells")


def main(arguments=None):
    options = _options(arguments)
    with hdf5_file.opened(options.a) as a, hdf5_file.opened(options.b) as b, hdf5_file.damage(f"{options.a} or {options.b}"):
        for path, file in ((options.a, a), (options.b, b)):
            with hdf5_file.damage(path):
                results.require_layout(path, file)
        found, notes, compared = compare(a, b, options)
    if options.table and not compared:
        raise InputError(f"neither {options.a} nor {options.b} has a table {' or '.join(options.table)}")
    for note in notes:
        print(f"note: {note}")
    if not found:
        print(f"EQUAL: {compared} tables within tolerance {options.tolerance:g}")
        return program.GOOD
    print(f"DIFFERENT: {len(found)} tables or attributes beyond tolerance {options.tolerance:g}; largest differences first")
    for d in sorted(found, key=lambda d: (-d.size, d.path))[:options.show]:
        print(f"  {d.path}{d.where}: {d.a} against {d.b}" + (f" (difference {d.size:.6g}, {d.cells} cells differ)" if d.cells else ""))
    if len(found) > options.show:
        print(f"  and {len(found) - options.show} more (--show)")
    return program.DIFFERENT


def compare(a, b, options):
    """All differences of two open files, notes on what differs but does not count, and the number of tables compared."""
    found, notes, compared = [], [], 0
    tables_a, tables_b = _tables(a, options.table), _tables(b, options.table)
    for path in sorted(tables_a | tables_b):
        if path not in tables_a or path not in tables_b:
            found.append(Difference(np.inf, path, "", *("present" if path in t else "missing" for t in (tables_a, tables_b)), 0))
            continue
        compared += 1
        found += _compare_tables(a[path], b[path], path, options.tolerance)
    if not options.table:
        for path in sorted(_objects(a) & _objects(b)):
            differences, remarks = _compare_attributes(a[path], b[path], path, options)
            found += differences
            notes += remarks
    return found, notes, compared


def _objects(file):
    paths = {"/"}
    file.visit(lambda name: paths.add("/" + name))
    return {path for path in paths if path.rsplit("/", 1)[1] not in TIMES and path.split("/")[1] != "sessions"}


def _tables(file, only):
    """Paths of the datasets to compare: all, or those tables of the models and distributed runs that --table names."""
    paths = {path for path in _objects(file) if isinstance(file[path], h5py.Dataset)}
    if not only:
        return paths
    return {path for path in paths if path.split("/")[3:4] == ["models"] and path.split("/")[5] in only
            or path.startswith("/inference/") and "/".join(path.split("/")[3:]) in only}


def _compare_tables(a, b, path, tolerance):
    if a.shape != b.shape or a.dtype.kind != b.dtype.kind:
        return [Difference(np.inf, path, "", f"{a.dtype} {a.shape}", f"{b.dtype} {b.shape}", 0)]
    if a.dtype.kind not in "iuf":
        if np.array_equal(a[()], b[()]):
            return []
        return [Difference(np.inf, path, "", _brief(a[()]), _brief(b[()]), 0)]
    worst, cells = None, 0
    step = max(1, ROWS // max(1, int(np.prod(a.shape[1:])))) if a.ndim else 1
    for begin in range(0, a.shape[0], step) if a.ndim else [None]:  # not all at a time: a confusion table can be large
        rows = ... if begin is None else slice(begin, begin + step)
        size = _distance(np.asarray(a[rows]), np.asarray(b[rows]))
        beyond = size > tolerance
        cells += int(beyond.sum())
        if beyond.any() and (worst is None or size.max() > worst[0]):
            index = [int(i) for i in np.unravel_index(int(size.argmax()), size.shape)]
            worst = (float(size.max()), [index[0] + begin] + index[1:] if index else [])
    if worst is None:
        return []
    index = tuple(worst[1])
    return [Difference(worst[0], path, f" [{_named(index, path)}]", a[index], b[index], cells)]


def _distance(a, b):
    """Absolute differences; infinite where only one is NaN, 0 where both are. Combinations differ or not."""
    if a.dtype == np.uint64:
        return (a != b).astype(np.float64)
    if a.dtype.kind in "iu":  # the difference of two large ones may not fit into an integer; one that is there is never 0
        return np.where(a == b, 0.0, np.maximum(1.0, np.abs(a.astype(np.float64) - b.astype(np.float64))))
    with np.errstate(invalid="ignore"):
        size = np.where(a == b, 0.0, np.abs(a - b))
    return np.where(np.isnan(a) & np.isnan(b), 0.0, np.where(np.isnan(size), np.inf, size))


AXES = {"R": "run", "K": "combination", "C": "class", "n": "node", "L": "class", "B": "bound", "s": "step", "t": "move", "f": "state", "D": "device",
        "y": "layer", "q": "point", "x": "exit", "H": "head", "g": "point", "k": "link", "p": "phase", "r": "row", "l": "hyperconnection", "v": "row",
        "c": "row", "m": "row", "h": "row", "w": "outcome", "u": "byte"}
INFERENCE_AXES = {"s": "sample", "t": "prediction"}


def _named(index, path):
    """An index in words where the layout gives its axes names: run 0, combination 5."""
    parts = path.split("/")
    entry = next((e for e in schema.LABELLED if parts[1] == e.path.split("/")[1] and parts[3 if parts[1] == "inference" else 5:]
                  == [*e.path.replace("<setting>", parts[-1]).split("/")][3 if parts[1] == "inference" else 5:]), None)
    if entry is None or len(entry.shape) != len(index):
        return ", ".join(map(str, index))
    names = {**AXES, **INFERENCE_AXES} if parts[1] == "inference" else AXES
    return ", ".join(f"{names[letter]} {i}" for letter, i in zip(entry.shape, index))


def _compare_attributes(a, b, path, options):
    found, notes = [], []
    for name in sorted((set(a.attrs) | set(b.attrs)) - TIMES - BOOKKEEPING):
        where = f"{path.rstrip('/')}/{name}"
        if path == "/" and name in PROVENANCE and not options.strict:
            if not np.array_equal(a.attrs.get(name), b.attrs.get(name)):
                notes.append(f"{name} differs: {_brief(a.attrs.get(name))} against {_brief(b.attrs.get(name))}")
            continue
        if name not in a.attrs or name not in b.attrs:
            found.append(Difference(np.inf, where, "", *("present" if name in o.attrs else "missing" for o in (a, b)), 0))
            continue
        x, y = np.asarray(a.attrs[name]), np.asarray(b.attrs[name])
        same_form = x.shape == y.shape and x.dtype.kind == y.dtype.kind
        if same_form and x.dtype.kind in "iuf":
            size = float(_distance(x, y).max(initial=0))
            if size <= options.tolerance:
                continue
            found.append(Difference(size, where, "", _brief(x), _brief(y), 0))
        elif not same_form or not np.array_equal(x, y):
            found.append(Difference(np.inf, where, "", _brief(x), _brief(y), 0))
    return found, notes


def _brief(value):
    """A value on one line, shortened."""
    words = schema.text(value.item() if isinstance(value, np.ndarray) and value.ndim == 0 else value)
    words = program.one_line(words)
    return words if len(words) <= 60 else words[:57] + "..."


def _options(arguments):
    parser = program.Parser(prog="compare.py", description=__doc__, epilog=EXAMPLE)
    parser.add_argument("a", metavar="A.h5")
    parser.add_argument("b", metavar="B.h5")
    parser.add_argument("--tolerance", type=_tolerance, default=0.0, metavar="X", help="largest absolute difference that is still equal (default: 0)")
    parser.add_argument("--table", nargs="+", choices=TABLES, metavar="NAME", help="compare only these tables: " + ", ".join(TABLES))
    parser.add_argument("--show", type=int, default=10, metavar="N", help="how many differences to list (default: 10)")
    parser.add_argument("--strict", action="store_true", help="count differences in where and how the files were made, too")
    return parser.parse_args(arguments)


def _tolerance(word):
    try:
        value = float(word)
    except ValueError:
        value = -1.0
    if not 0 <= value < np.inf:
        raise argparse.ArgumentTypeError(f"{word!r} is not a number >= 0")
    return value


if __name__ == "__main__":
    program.run(main)
