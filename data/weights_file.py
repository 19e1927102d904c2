"""Writes weights files (HDF5, format "deepfog-weights", version 1) as src/storage/weights_file.hpp lays them out."""
import hashlib

import h5py
import numpy as np

from dataset import fixed_text
from deepfog.program import InputError as DataError
from output_place import check_output, replaced_whole

FORMAT, FORMAT_VERSION = "deepfog-weights", 1
LARGEST_RANK = 8
PACKED_FROM, CHUNK_BYTES = 1 << 16, 1 << 20  # as the C++ writer does
LEFT_OUT = "num_batches_tracked"  # counts training steps; no network here needs it


def tensors_of(state):
    """[(name, float32 array)] of a state dict in its order; its values are arrays, or tensors of PyTorch."""
    tensors = []
    for name, value in state.items():
        if name.rsplit(".", 1)[-1] == LEFT_OUT:
            continue
        array = np.asarray(value.detach().cpu().numpy() if hasattr(value, "detach") else value)
        if array.dtype.kind != "f":
            raise DataError(f"{name}: type {array.dtype} (floating-point numbers allowed)")
        if not 1 <= array.ndim <= LARGEST_RANK or 0 in array.shape:
            raise DataError(f"{name}: shape {list(array.shape)} (rank 1 to {LARGEST_RANK}, extents of at least 1, allowed)")
        array = np.ascontiguousarray(array, dtype="<f4")
        if not np.isfinite(array).all():
            raise DataError(f"{name}: holds a value that is not finite (finite 32-bit numbers allowed)")
        if not name or name == "." or "/" in name or "\0" in name or not name.isascii():
            raise DataError(f"{name!r}: cannot name a tensor (ASCII without / allowed)")
        tensors.append((name, array))
    if not tensors:
        raise DataError("the state dict holds no tensors (at least 1 allowed)")
    return tensors


def checksum(node, tensors):
    """Hex sha256 over node and name (each with a NUL), rank and extents (int64), values (float32): little endian."""
    digest = hashlib.sha256()
    for name, array in tensors:
        digest.update(node.encode() + b"\0" + name.encode() + b"\0")
        digest.update(np.array([array.ndim, *array.shape], dtype="<i8").tobytes())
        digest.update(array.data)
    return digest.hexdigest()


def chunk_of(shape):
    """Chunks of at most CHUNK_BYTES of float32, the last dimensions whole as far as they fit."""
    chunk, size = [], 4
    for extent in reversed(shape):
        chunk.insert(0, min(extent, max(1, CHUNK_BYTES // size)))
        size *= chunk[0]
    return tuple(chunk)


def _lines(text):
    """The bytes of a text that keeps its lines, as that of a topology does."""
    return text.encode("ascii", "backslashreplace")


def _packing(array):
    if array.nbytes <= PACKED_FROM:
        return {}
    return dict(chunks=chunk_of(array.shape), shuffle=True, compression="gzip", compression_opts=4)


def write_weights(path, node, tensors, origin, normalisation):
    """Writes the tensors of one node, whole or not at all; returns their sha256.

    `origin` holds the root's attributes in order (text, int or array), `normalisation` (centres, deviations) of the features.
    """
    check_output(path)
    total = checksum(node, tensors)
    with replaced_whole(path) as temporary, h5py.File(temporary, "w", libver=("earliest", "v110"), track_order=True) as file:
        attributes = {"format": FORMAT, "format_version": FORMAT_VERSION, **origin, "sha256": total}
        for key, value in attributes.items():
            file.attrs[key] = fixed_text(value, _lines) if isinstance(value, str) else np.int64(value) if isinstance(value, int) else value
        for name, values in zip(("centre", "deviation"), normalisation):
            file.create_dataset(f"normalisation/{name}", data=values, **_packing(values))
        group = file.create_group("nodes").create_group(node, track_order=True)
        for position, (name, array) in enumerate(tensors):
            group.create_dataset(name, data=array, **_packing(array)).attrs["position"] = np.int64(position)
    return total
