#!/usr/bin/env python3
"""The data-set file of DeepFog (HDF5, format "deepfog-dataset", version 1): one writer, one checker.

Every importer fills a DataSet and calls write(); `dataset.py FILE` prints a summary and checks a file.
The layout is described in README.md beside this file.
"""
import hashlib
import os
import re
import sys
from dataclasses import dataclass, field

try:
    import h5py
    import numpy as np
except ImportError as missing:
    sys.exit(f"{sys.executable}: {missing} (install python3-numpy and python3-h5py, or use the python of the system)")

FORMAT = "deepfog-dataset"
FORMAT_VERSION = 1
TRAIN, VALIDATION, TEST, UNUSED = 0, 1, 2, 255
TEXT_ATTRIBUTES = ("name", "title", "origin", "default_split", "source", "source_sha256", "importer", "citation")
CHUNK_BYTES = 1 << 20
NAME_PATTERN = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


class DataError(Exception):
    """The user's input is wrong: one line "FILE:LINE: what (what is allowed)"."""


@dataclass
class DataSet:
    """samples [N, F] uint8 or float32, labels [N], splits name -> uint8 [N]; missing [N, sources], group [N] optional."""

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
    notes: list = field(default_factory=list)  # what the importer wants said; not stored

    def content_sha256(self):
        """Hex digest over samples, labels (int64) and every split in name order: little endian, C order."""
        digest = hashlib.sha256()
        little = "<f4" if self.samples.dtype == np.float32 else "u1"
        digest.update(np.ascontiguousarray(self.samples, dtype=little).data)
        digest.update(np.ascontiguousarray(self.labels, dtype="<i8").data)
        for name in sorted(self.splits):
            digest.update(np.ascontiguousarray(self.splits[name], dtype="u1").data)
        return digest.hexdigest()

    def problem(self):
        """The first broken rule of the format as text, or None."""
        return _shape_problem(self) or _value_problem(self) or _split_problem(self)


def _shape_problem(data):
    shape = data.samples.shape
    if len(shape) != 2 or 0 in shape:
        return f"/samples has shape {list(shape)} ([N, F], both at least 1, allowed)"
    if data.samples.dtype not in (np.uint8, np.float32):
        return f"/samples has type {data.samples.dtype} (uint8 or float32 allowed)"
    if data.labels.shape != (shape[0],):
        return f"/labels has shape {list(data.labels.shape)} ([{shape[0]}] allowed, one a sample)"
    names = [name for name, _ in data.sources]
    if not names or len(set(names)) != len(names) or not all(NAME_PATTERN.fullmatch(name) for name in names):
        return f"/sources/names holds {names} (one or more different names of letters, digits, _ and - allowed)"
    widths = [width for _, width in data.sources]
    if min(widths) < 1 or sum(widths) != shape[1]:
        return f"/sources/width adds up to {sum(widths)} (each at least 1 and {shape[1]} in all allowed)"
    if data.missing is not None and data.missing.shape != (shape[0], len(names)):
        return f"/missing has shape {list(data.missing.shape)} ([{shape[0]}, {len(names)}] allowed)"
    if data.group is not None and data.group.shape != (shape[0],):
        return f"/group has shape {list(data.group.shape)} ([{shape[0]}] allowed)"
    return None


def _value_problem(data):
    classes = len(data.class_names)
    if classes < 2 or len(set(data.class_names)) != classes or "" in data.class_names:
        return f"/class_names holds {classes} names (at least 2, all different, none empty, allowed)"
    outside = np.flatnonzero((data.labels < 0) | (data.labels >= classes))
    if outside.size:
        return f"/labels[{outside[0]}] is {data.labels[outside[0]]} (0 to {classes - 1} allowed)"
    if data.samples.dtype == np.float32:
        finite = np.isfinite(data.samples)
        if not finite.all():
            row, column = np.argwhere(~finite)[0]
            return f"/samples[{row},{column}] is {data.samples[row, column]} (finite numbers allowed)"
    if data.missing is not None and data.missing.max(initial=0) > 1:
        return f"/missing holds {data.missing.max()} (0 and 1 allowed)"
    if not (np.isfinite(data.scale) and data.scale > 0):
        return f"scale is {data.scale} (a finite number above 0 allowed)"
    if data.origin not in ("real", "synthetic"):
        return f'origin is "{data.origin}" (real or synthetic allowed)'
    if not NAME_PATTERN.fullmatch(data.name):
        return f'name is "{data.name}" (letters, digits, _ and -, a letter first, allowed)'
    return None


def _split_problem(data):
    if data.default_split not in data.splits:
        return f'default_split "{data.default_split}" is not in /splits ({", ".join(sorted(data.splits)) or "none"} there)'
    for name, codes in sorted(data.splits.items()):
        if codes.shape != data.labels.shape:
            return f"/splits/{name} has shape {list(codes.shape)} ([{len(data.labels)}] allowed)"
        wrong = np.flatnonzero(~np.isin(codes, (TRAIN, VALIDATION, TEST, UNUSED)))
        if wrong.size:
            return f"/splits/{name}[{wrong[0]}] is {codes[wrong[0]]} (0 train, 1 validation, 2 test, 255 none allowed)"
        for code, part in ((TRAIN, "train"), (VALIDATION, "validation"), (TEST, "test")):
            if not (codes == code).any():
                return f"/splits/{name} has no {part} sample (at least 1 of each part allowed)"
    return None


def _text(value):
    """A fixed-length, null-padded ASCII string of HDF5; an empty one still takes one byte."""
    raw = str(value).encode("ascii", "backslashreplace")
    return np.array(raw, dtype=f"S{max(1, len(raw))}")


def _texts(values):
    raw = [value.encode("ascii", "backslashreplace") for value in values]
    return np.array(raw, dtype=f"S{max(1, max(map(len, raw)))}")


def _fill(file, data):
    file.attrs["format"] = _text(FORMAT)
    file.attrs["format_version"] = np.int64(FORMAT_VERSION)
    for key in TEXT_ATTRIBUTES:
        file.attrs[key] = _text(getattr(data, key))
    file.attrs["classes"] = np.int64(len(data.class_names))
    file.attrs["scale"] = np.float64(data.scale)
    file.attrs["content_sha256"] = _text(data.content_sha256())
    rows, columns = data.samples.shape
    chunk = (min(rows, max(1, CHUNK_BYTES // (columns * data.samples.itemsize))), columns)
    file.create_dataset("samples", data=data.samples, chunks=chunk, shuffle=True, compression="gzip", compression_opts=4)
    file["labels"] = data.labels.astype(np.int64)
    file["class_names"] = _texts(data.class_names)
    file["sources/names"] = _texts([name for name, _ in data.sources])
    file["sources/width"] = np.array([width for _, width in data.sources], dtype=np.int64)
    for name, codes in sorted(data.splits.items()):
        file[f"splits/{name}"] = codes.astype(np.uint8)
    if data.missing is not None:
        file["missing"] = data.missing.astype(np.uint8)
    if data.group is not None:
        file["group"] = data.group.astype(np.int64)


def check_output(path):
    """Refuses an output that could not be written, before any work starts."""
    folder = os.path.dirname(os.path.abspath(path))
    if os.path.isdir(path):
        raise DataError(f"{path}: is a folder (the name of a file to write allowed)")
    if not os.path.isdir(folder):
        raise DataError(f"{path}: its folder does not exist (an existing folder allowed)")
    if not os.access(folder, os.W_OK):
        raise DataError(f"{path}: its folder cannot be written (a writable folder allowed)")


def write(path, data):
    """Checks `data` and writes it whole or not at all: temporary file, fsync, rename."""
    problem = data.problem()
    if problem:
        raise DataError(f"{path}: {problem}")
    check_output(path)
    temporary = f"{path}.{os.getpid()}.tmp"
    try:
        with h5py.File(temporary, "w", libver=("earliest", "v110")) as file:
            _fill(file, data)
        _sync(temporary)
        os.replace(temporary, path)
        _sync(os.path.dirname(os.path.abspath(path)))
    except OSError as error:
        raise DataError(f"{path}: cannot be written: {_first_line(error)} (a writable folder with free space allowed)") from error
    finally:
        if os.path.exists(temporary):
            os.unlink(temporary)


def _sync(path):
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _first_line(error):
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__


def _attribute(file, key):
    if key not in file.attrs:
        raise DataError(f"{file.filename}: attribute {key} is missing ({FORMAT} {FORMAT_VERSION} allowed)")
    value = file.attrs[key]
    return value.decode("ascii", "replace") if isinstance(value, bytes) else value


def _array(file, key, kind):
    if key not in file or not isinstance(file[key], h5py.Dataset):
        raise DataError(f"{file.filename}: /{key} is missing ({FORMAT} {FORMAT_VERSION} allowed)")
    if file[key].dtype.kind not in kind:
        raise DataError(f"{file.filename}: /{key} has type {file[key].dtype} (kind {' or '.join(kind)} allowed)")
    return file[key][...]


def _load(file):
    if file.attrs.get("format") != FORMAT.encode() or file.attrs.get("format_version") != FORMAT_VERSION:
        raise DataError(f"{file.filename}: is not a data-set file (format {FORMAT}, format_version {FORMAT_VERSION} allowed)")
    texts = {key: str(_attribute(file, key)) for key in TEXT_ATTRIBUTES}
    names = [raw.decode("ascii", "replace") for raw in _array(file, "sources/names", "S")]
    widths = [int(width) for width in _array(file, "sources/width", "iu")]
    if len(names) != len(widths):
        raise DataError(f"{file.filename}: /sources/names has {len(names)} and /sources/width {len(widths)} entries (as many of both allowed)")
    if not isinstance(file.get("splits"), h5py.Group):
        raise DataError(f"{file.filename}: /splits is missing ({FORMAT} {FORMAT_VERSION} allowed)")
    return DataSet(
        samples=_array(file, "samples", "uf"), labels=_array(file, "labels", "i"), sources=list(zip(names, widths)),
        class_names=[raw.decode("ascii", "replace") for raw in _array(file, "class_names", "S")],
        splits={name: _array(file, f"splits/{name}", "u") for name in file["splits"]},
        scale=float(_attribute(file, "scale")), **texts,
        missing=_array(file, "missing", "u") if "missing" in file else None,
        group=_array(file, "group", "i") if "group" in file else None)


def read(path):
    """Reads and checks a whole file; raises DataError with the first broken rule."""
    if not os.path.isfile(path):
        raise DataError(f"{path}: no such file (a data-set file allowed)")
    try:
        with h5py.File(path, "r") as file:
            data = _load(file)
            classes, recorded = int(_attribute(file, "classes")), str(_attribute(file, "content_sha256"))
    except (OSError, RuntimeError, ValueError) as error:
        raise DataError(f"{path}: cannot be read: {_first_line(error)} (a whole {FORMAT} file allowed)") from error
    problem = data.problem()
    if not problem and classes != len(data.class_names):
        problem = f"classes is {classes} (the number of /class_names, {len(data.class_names)}, allowed)"
    if not problem and recorded != data.content_sha256():
        problem = f"content_sha256 does not match the content (recorded {recorded[:12]}, found {data.content_sha256()[:12]})"
    if problem:
        raise DataError(f"{path}: {problem}")
    return data


def recorded_source_sha256(path):
    """source_sha256 of a data-set file, or None where the file is no such file."""
    try:
        with h5py.File(path, "r") as file:
            if file.attrs.get("format") == FORMAT.encode() and file.attrs.get("format_version") == FORMAT_VERSION:
                return str(_attribute(file, "source_sha256"))
    except (OSError, DataError):
        pass  # absent or damaged: the caller makes it anew
    return None


def summary(data):
    """Lines of text about a data set."""
    lines = [f"{data.name}: {data.title} [{data.origin}]",
             f"  samples  {data.samples.shape[0]} x {data.samples.shape[1]} {data.samples.dtype}, scale {data.scale:.6g}",
             "  sources  " + ", ".join(f"{name} {width}" for name, width in data.sources)]
    counts = np.bincount(data.labels, minlength=len(data.class_names))
    lines.append("  classes  " + ", ".join(f"{name} {count}" for name, count in zip(data.class_names, counts)))
    for name, codes in sorted(data.splits.items()):
        parts = [f"{part} {int((codes == code).sum())}" for code, part in ((0, "train"), (1, "validation"), (2, "test"))]
        lines.append(f"  split    {name}: " + ", ".join(parts) + (" (default)" if name == data.default_split else ""))
    if data.missing is not None:
        shares = data.missing.mean(axis=0)
        lines.append("  missing  " + ", ".join(f"{name} {share:.1%}" for (name, _), share in zip(data.sources, shares)))
    lines.append(f"  source   {data.source}, by {data.importer}; content {data.content_sha256()}")
    return lines


def run(main):
    """Runs a command's main(); a DataError becomes its one line and exit code 2."""
    try:
        sys.exit(main())
    except DataError as error:
        print(error, file=sys.stderr)
        sys.exit(2)


def main():
    if len(sys.argv) != 2 or sys.argv[1] in ("-h", "--help"):
        print("usage: dataset.py FILE   (prints what a data-set file holds and checks it)")
        return 0 if len(sys.argv) == 2 else 2
    data = read(sys.argv[1])
    print("\n".join(summary(data)))
    print("VALID")
    return 0


if __name__ == "__main__":
    run(main)
