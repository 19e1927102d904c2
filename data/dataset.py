#!/usr/bin/env python3
"""The data-set file of DeepFog (HDF5, format "deepfog-dataset", version 1): one writer, one checker.

Every importer fills a DataSet and calls write(); `dataset.py FILE` prints a summary and checks a file.
The layout is described in README.md beside this file.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), os.pardir, "postprocess"))
from deepfog.start import start

start(__name__, "numpy", "h5py")

# pylint: disable=wrong-import-position
import contextlib
import hashlib
from dataclasses import dataclass, field

import h5py
import numpy as np

import dataset_reader
from dataset_reader import FORMAT, FORMAT_VERSION
from dataset_rules import TEST, TEXT_ATTRIBUTES, TRAIN, VALIDATION, first_problem, stored_text
from deepfog.program import InputError as DataError, Parser, run
from output_place import check_output, replaced_whole
from row_blocks import chunk_rows, row_blocks

MOST_LISTED = 20  # classes in a summary


@dataclass
class DataSet:
    """samples [N, F] uint8 or float32, labels [N], splits name -> uint8 [N]; missing [N, sources], group [N] optional.

    samples is an array, or anything with shape, dtype and slices of rows: then only some rows are in memory at a time.
    """

    name: str
    title: str
    origin: str
    samples: np.ndarray
    labels: np.ndarray
    class_names: list
    sources: list  # (name, width) in column order
    splits: dict
    default_split: str
    source: str
    source_sha256: str
    importer: str
    citation: str
    scale: float = 1.0
    missing: np.ndarray = None
    group: np.ndarray = None
    shapes: dict = field(default_factory=dict)  # source -> (channels, height, width) of its columns, where they are images
    channels_last: tuple = ()  # those of them whose values stand in the order height, width, channel
    recorded_sha256: str = ""  # content_sha256 of the file it was written to or read from
    notes: list = field(default_factory=list)  # what the importer wants said; not stored

    def __post_init__(self):
        self.labels, self.missing, self.group = map(_as_array, (self.labels, self.missing, self.group))
        self.splits = {name: _as_array(codes) for name, codes in self.splits.items()}
        if not hasattr(self.samples, "shape") or not isinstance(getattr(self.samples, "dtype", None), np.dtype):
            self.samples = _as_array(self.samples)

    def content_sha256(self):
        """Hex digest over samples, labels (int64) and every split in name order: little endian, C order."""
        digest = hashlib.sha256()
        for _, block in row_blocks(self.samples):
            digest.update(block.data)
        return self.close_digest(digest)

    def close_digest(self, digest):
        """Hex digest of one that has taken the samples and lacks the rest."""
        digest.update(np.ascontiguousarray(self.labels, dtype="<i8").data)
        for name in sorted(self.splits):
            digest.update(np.ascontiguousarray(self.splits[name], dtype="u1").data)
        return digest.hexdigest()


def _as_array(values):
    """An array of what may be a list; one that is an array already (or None) stays what it is."""
    if values is None or isinstance(values, np.ndarray):
        return values
    try:
        return np.asarray(values)
    except ValueError:  # lists of different lengths
        return np.array(list(values), dtype=object)


def fixed_text(value, encode=stored_text):
    """A fixed-length, null-padded ASCII string of HDF5; an empty one still takes one byte. `encode` makes its bytes."""
    raw = encode(value)
    return np.array(raw, dtype=f"S{max(1, len(raw))}")


def _texts(values):
    raw = list(map(stored_text, values))
    return np.array(raw, dtype=f"S{max(1, max(map(len, raw)))}")


def _stream_samples(file, samples):
    """Writes the table of samples, each row asked for once; returns the digest over them."""
    chunk = (chunk_rows(samples), samples.shape[1])
    table = file.create_dataset("samples", samples.shape, samples.dtype.newbyteorder("<"), chunks=chunk, shuffle=True, compression="gzip", compression_opts=4)
    digest = hashlib.sha256()
    for start, block in row_blocks(samples):
        table[start:start + len(block)] = block
        digest.update(block.data)
    return digest


def _fill(file, data):
    file.attrs["format"] = fixed_text(FORMAT)
    file.attrs["format_version"] = np.int64(FORMAT_VERSION)
    for key in TEXT_ATTRIBUTES:
        file.attrs[key] = fixed_text(getattr(data, key))
    file.attrs["classes"] = np.int64(len(data.class_names))
    file.attrs["scale"] = np.float64(data.scale)
    data.recorded_sha256 = data.close_digest(_stream_samples(file, data.samples))
    file.attrs["content_sha256"] = fixed_text(data.recorded_sha256)
    file["labels"] = data.labels.astype(np.int64)
    file["class_names"] = _texts(data.class_names)
    file["sources/names"] = _texts([name for name, _ in data.sources])
    file["sources/width"] = np.array([width for _, width in data.sources], dtype=np.int64)
    if data.shapes:
        file["sources/shape"] = np.array([data.shapes.get(name, (0, 0, 0)) for name, _ in data.sources], dtype=np.int64)
    if data.channels_last:
        file["sources/channels_last"] = np.array([name in data.channels_last for name, _ in data.sources], dtype=np.uint8)
    for name, codes in sorted(data.splits.items()):
        file[f"splits/{name}"] = codes.astype(np.uint8)
    if data.missing is not None:
        file["missing"] = data.missing.astype(np.uint8)
    if data.group is not None:
        file["group"] = data.group.astype(np.int64)


def write(path, data):
    """Checks `data` and writes it whole or not at all: temporary file, fsync, rename."""
    problem = first_problem(data)
    if problem:
        raise DataError(f"{path}: {problem}")
    check_output(path)
    with replaced_whole(path) as temporary, h5py.File(temporary, "w", libver=("earliest", "v110")) as file:
        _fill(file, data)


def _shapes(reader, names):
    """({source: shape}, sources whose channels stand last) of those that hold images."""
    if not reader.has("sources/shape"):
        return {}, ()
    rows = reader.array("sources/shape", ("int64",), (len(names), 3))
    shapes = {name: tuple(int(extent) for extent in row) for name, row in zip(names, rows) if row.any()}
    if not reader.has("sources/channels_last"):
        return shapes, ()
    last = reader.array("sources/channels_last", ("uint8",), (len(names),))
    reader.refuse(None if last.max() <= 1 else f"/sources/channels_last holds {last.max()} (0 and 1 allowed)")
    return shapes, tuple(name for name, flag in zip(names, last) if flag)


def _load(reader):
    names = reader.texts("sources/names")
    widths = [int(width) for width in reader.array("sources/width", ("int64",), (len(names),))]
    samples = reader.table("samples", ("uint8", "float32"), (None, None))
    rows = samples.shape[0]
    shapes, channels_last = _shapes(reader, names)
    return DataSet(
        samples=samples, labels=reader.array("labels", ("int64",), (rows,)), sources=list(zip(names, widths)), class_names=reader.texts("class_names"),
        splits={name: reader.array(f"splits/{name}", ("uint8",), (rows,)) for name in reader.children("splits")},
        scale=float(reader.value("scale", ("float64",))), **{key: reader.value(key, ("text",)) for key in TEXT_ATTRIBUTES},
        missing=reader.array("missing", ("uint8",), (rows, len(names))) if reader.has("missing") else None,
        group=reader.array("group", ("int64",), (rows,)) if reader.has("group") else None, shapes=shapes, channels_last=channels_last,
        recorded_sha256=reader.value("content_sha256", ("text",)))


@contextlib.contextmanager
def opened(path):
    """A file's DataSet, checked, whose samples stay in the file; raises DataError with the first broken rule."""
    with dataset_reader.opened(path) as reader:
        data = _load(reader)
        _expect_sound(path, data, int(reader.value("classes", ("int64",))))
        yield data


def _expect_sound(path, data, classes):
    recorded, problem = data.recorded_sha256, first_problem(data)
    if not problem and classes != len(data.class_names):
        problem = f"classes is {classes} (the number of /class_names, {len(data.class_names)}, allowed)"
    if not problem and recorded != (found := data.content_sha256()):
        problem = f"content_sha256 does not match the content (recorded {recorded[:12]}, found {found[:12]})"
    if problem:
        raise DataError(f"{path}: {problem}")


def read(path):
    """A file's DataSet, checked and in memory whole; raises DataError with the first broken rule."""
    with opened(path) as data:
        data.samples = data.samples[...]
        return data


def recorded_source_sha256(path):
    """source_sha256 of a data-set file, or None where the file is no such file."""
    try:
        with dataset_reader.opened(path) as reader:
            return reader.value("source_sha256", ("text",))
    except DataError:
        return None  # absent or damaged: the caller makes it anew


def _extents(data, source):
    last = ", channels last" if source in data.channels_last else ""
    return f" ({'x'.join(map(str, data.shapes[source]))}{last})" if source in data.shapes else ""


def summary(data):
    """Lines of text about a data set."""
    lines = [f"{data.name}: {data.title} [{data.origin}]",
             f"  samples  {data.samples.shape[0]} x {data.samples.shape[1]} {data.samples.dtype}, scale {data.scale:.6g}",
             "  sources  " + ", ".join(f"{name} {width}" + _extents(data, name) for name, width in data.sources)]
    counts = np.bincount(data.labels, minlength=len(data.class_names))
    listed = [f"{name} {count}" for name, count in zip(data.class_names, counts)]
    rest = f" and {len(listed) - MOST_LISTED} more, all with {counts.min()} to {counts.max()}" if len(listed) > MOST_LISTED else ""
    lines.append("  classes  " + ", ".join(listed[:MOST_LISTED]) + rest)
    for name, codes in sorted(data.splits.items()):
        parts = [f"{part} {int((codes == code).sum())}" for code, part in ((TRAIN, "train"), (VALIDATION, "validation"), (TEST, "test"))]
        lines.append(f"  split    {name}: " + ", ".join(parts) + (" (default)" if name == data.default_split else ""))
    if data.missing is not None:
        shares = data.missing.mean(axis=0)
        lines.append("  missing  " + ", ".join(f"{name} {share:.1%}" for (name, _), share in zip(data.sources, shares)))
    lines.append(f"  source   {data.source}, by {data.importer}; content {data.recorded_sha256 or data.content_sha256()}")
    return lines


def main():
    parser = Parser("Prints what a data-set file holds and checks it.")
    parser.add_argument("file", help="a data-set file (NAME.h5)")
    with opened(parser.parse_args().file) as data:
        print("\n".join(summary(data) + ["VALID"]))
    return 0


if __name__ == "__main__":
    run(main)
