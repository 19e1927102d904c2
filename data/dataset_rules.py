"""The rules of the data-set format: each returns the first broken one as text, or None."""
import math
import numbers
import re

import numpy as np

from folder_walk import shown
from row_blocks import row_blocks

TRAIN, VALIDATION, TEST, UNUSED = 0, 1, 2, 255
NAME_PATTERN = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
NAME_RULE = "up to 64 letters, digits, _ and -, a letter first, allowed"
SMALLEST_SCALE, LARGEST_SCALE = 1e-30, 1e30  # within 32 bits, whatever bytes it multiplies
TEXT_ATTRIBUTES = ("name", "title", "origin", "default_split", "source", "source_sha256", "importer", "citation")


def stored_text(value):
    """How a text stands in a file: printable ASCII, all else as escapes."""
    return shown(value).encode("ascii", "backslashreplace")


def is_whole(value):
    """Whether a number is an integer by its type: nothing is cut off when it is stored."""
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)


def first_problem(data):
    """Of a whole DataSet; types and shapes first, since the other rules rely on them."""
    return _type_problem(data) or _source_problem(data) or _shape_problem(data) or _value_problem(data) or _split_problem(data)


def _type_problem(data):
    """What would become something else when stored: numbers cut to integers, wrapped or unmasked, objects as text."""
    tables = [("labels", data.labels, "iu"), ("missing", data.missing, "biu"), ("group", data.group, "iu"), ("samples", data.samples, "fu")]
    tables += [(f"splits/{name}", codes, "iu") for name, codes in data.splits.items()]
    for name, table, kinds in tables:
        if isinstance(table, np.ma.MaskedArray):
            return f"/{name} is a masked array (an array without a mask allowed)"
        if table is not None and table.dtype.kind not in kinds:
            return f"/{name} has type {table.dtype} ({'uint8 or float32' if name == 'samples' else 'integers'} allowed)"
    if data.samples.dtype.newbyteorder("=") not in (np.uint8, np.float32):
        return f"/samples has type {data.samples.dtype} (uint8 or float32 allowed)"
    for key in TEXT_ATTRIBUTES:
        if not isinstance(getattr(data, key), str):
            return f"{key} is {getattr(data, key)!r} (text allowed)"
    if not all(isinstance(name, str) for name in data.class_names):
        return f"/class_names holds {next(name for name in data.class_names if not isinstance(name, str))!r} (text allowed)"
    if not isinstance(data.scale, numbers.Real) or isinstance(data.scale, bool):
        return f"scale is {data.scale!r} (a number allowed)"
    return None


def _source_problem(data):
    """Of the names, widths and shapes of the sources."""
    try:
        names, widths = zip(*data.sources)
    except (TypeError, ValueError):
        return f"/sources is {data.sources!r} (a list of names and widths allowed)"
    if len(set(names)) != len(names) or not all(isinstance(name, str) and NAME_PATTERN.fullmatch(name) for name in names):
        return f"/sources/names holds {list(names)} (one or more different names of {NAME_RULE})"
    if not all(map(is_whole, widths)):
        return f"/sources/width holds {list(widths)} (integers allowed)"
    for name, extents in data.shapes.items():
        width = dict(data.sources).get(name)
        if width is None or len(extents) != 3 or not all(map(is_whole, extents)) or min(extents) < 1 or math.prod(extents) != width:
            return f"/sources/shape of {name} is {list(extents)} (channels, height and width whose product is its width, {width}, allowed)"
    strange = [name for name in data.channels_last if name not in data.shapes]
    return f"/sources/channels_last names {strange[0]}, which has no shape (sources with one allowed)" if strange else None


def _shape_problem(data):
    shape = data.samples.shape
    if len(shape) != 2 or 0 in shape:
        return f"/samples has shape {list(shape)} ([N, F], both at least 1, allowed)"
    if data.labels.shape != (shape[0],):
        return f"/labels has shape {list(data.labels.shape)} ([{shape[0]}] allowed, one per sample)"
    widths = [width for _, width in data.sources]
    if min(widths) < 1 or sum(widths) != shape[1]:
        return f"/sources/width adds up to {sum(widths)} (each at least 1 and {shape[1]} in all allowed)"
    if data.missing is not None and data.missing.shape != (shape[0], len(widths)):
        return f"/missing has shape {list(data.missing.shape)} ([{shape[0]}, {len(widths)}] allowed)"
    if data.group is not None and data.group.shape != (shape[0],):
        return f"/group has shape {list(data.group.shape)} ([{shape[0]}] allowed)"
    return None


def _value_problem(data):
    classes = len(data.class_names)
    if classes < 2 or len(set(map(stored_text, data.class_names))) != classes or "" in data.class_names:
        return f"/class_names holds {classes} names (at least 2, all different, none empty, allowed)"
    outside = np.flatnonzero((data.labels < 0) | (data.labels >= classes))
    if outside.size:
        return f"/labels[{outside[0]}] is {data.labels[outside[0]]} (0 to {classes - 1} allowed)"
    if not SMALLEST_SCALE <= data.scale <= LARGEST_SCALE:
        return f"scale is {data.scale} ({SMALLEST_SCALE:g} to {LARGEST_SCALE:g} allowed)"
    if data.samples.dtype.kind == "f":
        for start, block in row_blocks(data.samples):
            with np.errstate(over="ignore"):
                finite = np.isfinite(block) & np.isfinite(block * np.float32(data.scale))
            if not finite.all():
                row, column = np.argwhere(~finite)[0]
                return f"/samples[{start + row},{column}] is {block[row, column]} (numbers that are finite, times scale too, allowed)"
    if data.missing is not None and not np.isin(data.missing, (0, 1)).all():
        return f"/missing holds {data.missing[~np.isin(data.missing, (0, 1))][0]} (0 and 1 allowed)"
    if data.group is not None and int(data.group.max(initial=0)) > np.iinfo(np.int64).max:
        return f"/group holds {data.group.max()} (integers of 64 bits allowed)"
    if data.origin not in ("real", "synthetic"):
        return f'origin is "{data.origin}" (real or synthetic allowed)'
    if not NAME_PATTERN.fullmatch(data.name):
        return f'name is "{data.name}" ({NAME_RULE})'
    return None


def _split_problem(data):
    if data.default_split not in data.splits:
        return f'default_split "{data.default_split}" is not in /splits ({", ".join(sorted(data.splits)) or "none"} there)'
    for name, codes in sorted(data.splits.items()):
        if not NAME_PATTERN.fullmatch(name):
            return f"/splits holds {name!r} ({NAME_RULE})"
        if codes.shape != data.labels.shape:
            return f"/splits/{name} has shape {list(codes.shape)} ([{len(data.labels)}] allowed)"
        wrong = np.flatnonzero(~np.isin(codes, (TRAIN, VALIDATION, TEST, UNUSED)))
        if wrong.size:
            return f"/splits/{name}[{wrong[0]}] is {codes[wrong[0]]} (0 train, 1 validation, 2 test, 255 none allowed)"
        present = [part for code, part in ((TRAIN, "train"), (VALIDATION, "validation"), (TEST, "test")) if (codes == code).any()]
        if present != ["test"] and len(present) < 3:
            absent = next(part for part in ("train", "validation", "test") if part not in present)
            return f"/splits/{name} has no {absent} sample (at least 1 of each part, or of test alone, allowed)"
    return None
