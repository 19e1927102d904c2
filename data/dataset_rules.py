"""The rules of the data-set format: each returns the first broken one as text, or None."""
import math
import re

import numpy as np

from row_blocks import row_blocks

TRAIN, VALIDATION, TEST, UNUSED = 0, 1, 2, 255
NAME_PATTERN = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


def first_problem(data):
    """Of a whole DataSet; shapes first, since the other rules rely on them."""
    return _shape_problem(data) or _value_problem(data) or _split_problem(data)


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
    for name, extents in data.shapes.items():
        width = dict(data.sources).get(name)
        if width is None or len(extents) != 3 or min(extents) < 1 or math.prod(extents) != width:
            return f"/sources/shape of {name} is {list(extents)} (channels, height and width whose product is its width, {width}, allowed)"
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
        for start, block in row_blocks(data.samples):
            finite = np.isfinite(block)
            if not finite.all():
                row, column = np.argwhere(~finite)[0]
                return f"/samples[{start + row},{column}] is {block[row, column]} (finite numbers allowed)"
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
        present = [part for code, part in ((TRAIN, "train"), (VALIDATION, "validation"), (TEST, "test")) if (codes == code).any()]
        if present != ["test"] and len(present) < 3:
            absent = next(part for part in ("train", "validation", "test") if part not in present)
            return f"/splits/{name} has no {absent} sample (at least 1 of each part, or of test alone, allowed)"
    return None
