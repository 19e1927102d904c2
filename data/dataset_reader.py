"""Reads a data-set file by the rules of README.md, which src/storage/dataset_file.cpp follows, too.

Types, shapes and the way of storing are checked before a value is read: a file that somebody else made can neither lead to other files
nor claim more than it holds. tests/data/test_two_readers.py holds both readers against each other.
"""
import contextlib
import math
import os

import h5py
from h5py import h5, h5a, h5d, h5l, h5s, h5t, h5z

from deepfog.program import InputError as DataError, first_line
from folder_walk import shown

FORMAT, FORMAT_VERSION = "deepfog-dataset", 1
TYPES = {"int64": (h5t.STD_I64LE, h5t.STD_I64BE), "uint8": (h5t.STD_U8LE, h5t.STD_U8BE), "float32": (h5t.IEEE_F32LE, h5t.IEEE_F32BE),
         "float64": (h5t.IEEE_F64LE, h5t.IEEE_F64BE)}
FILTERS = {h5z.FILTER_DEFLATE, h5z.FILTER_SHUFFLE, h5z.FILTER_FLETCHER32}  # what every HDF5 library has
LARGEST_TABLE, LARGEST_ATTRIBUTE, LARGEST_CHUNK = 1 << 37, 1 << 26, 1 << 28  # bytes
MOST_OBJECTS = 100_000  # in a group
UNSUSPICIOUS, BEST_RATIO = 1 << 20, 1100  # gzip packs at most 1032 to 1: a small file cannot hold a table that fills the memory


def _type_problem(kind, allowed):
    """What is wrong with an HDF5 type, or None; `allowed` are keys of TYPES, or "text"."""
    if "text" in allowed:
        if not isinstance(kind, h5t.TypeStringID) or kind.is_variable_str():
            return "is no fixed-length string (null-padded strings allowed)"
        return None if kind.get_strpad() == h5t.STR_NULLPAD else "is not null-padded (null-padded strings allowed)"
    if any(kind.equal(form) for name in allowed for form in TYPES[name]):
        return None
    try:
        found = kind.dtype.name
    except TypeError:
        found = "that numpy does not know"
    return f"has type {found} ({' or '.join(allowed)} allowed)"


def _shape_problem(space, kind, shape, most):
    """What is wrong with a dataspace: `shape` has None for any extent."""
    if space.get_simple_extent_type() not in (h5s.SCALAR, h5s.SIMPLE):
        return f"holds no value ({_extents(shape)} allowed)"
    found = space.get_simple_extent_dims()
    if len(found) != len(shape) or any(wanted not in (None, extent) for wanted, extent in zip(shape, found)):
        return f"has shape {list(found)} ({_extents(shape)} allowed)"
    if math.prod(found) * kind.get_size() > most:
        return f"has shape {list(found)} ({most} bytes allowed)"
    return None


def _extents(shape):
    return "[" + ", ".join("any" if extent is None else str(extent) for extent in shape) + "]" if shape else "one value"


def _storage_problem(table):
    """What is wrong with the way in which a table is stored."""
    properties = table.get_create_plist()
    layout = properties.get_layout()
    if layout == h5d.VIRTUAL or properties.get_external_count():
        return "has its values in other files (values in this file allowed)"
    if layout == h5d.CHUNKED and math.prod(properties.get_chunk()) * table.get_type().get_size() > LARGEST_CHUNK:
        return f"has chunks of {list(properties.get_chunk())} values ({LARGEST_CHUNK} bytes allowed)"
    for position in range(properties.get_nfilters()):
        if (number := properties.get_filter(position)[0]) not in FILTERS:
            return f"is packed by filter {number} (gzip, shuffle and fletcher32 allowed)"
    size = math.prod(table.shape) * table.get_type().get_size()
    if size > UNSUSPICIOUS and table.get_storage_size() < size // BEST_RATIO:
        return f"has shape {list(table.shape)}, but only {table.get_storage_size()} bytes are stored (a complete table allowed)"
    return None


class Reader:
    """An open file; every method raises DataError "FILE: what (what is allowed)" where the file breaks a rule."""

    def __init__(self, path, file):
        self._path, self._file = path, file

    def refuse(self, problem):
        """Raises a problem of the file, when there is one."""
        if problem:
            raise DataError(f"{shown(self._path)}: {problem}")

    def has(self, key):
        """Whether an object is there. Links are refused: they may lead to any file of this machine."""
        group = self._file
        for part in key.split("/"):
            name = part.encode("utf-8", "surrogateescape")
            if not isinstance(group, h5py.Group) or not group.id.links.exists(name):
                return False
            if group.id.links.get_info(name).type != h5l.TYPE_HARD:
                self.refuse(f"/{key} is a link (an object of this file allowed)")
            group = group[name]
        return True

    def table(self, key, allowed, shape):
        """An h5py Dataset whose values are unread; `shape` has None for any extent."""
        if not self.has(key) or not isinstance(self._file[key], h5py.Dataset):
            self.refuse(f"/{key} is missing (a table allowed)")
        table = self._file[key].id
        problem = (_type_problem(table.get_type(), allowed) or _shape_problem(table.get_space(), table.get_type(), shape, LARGEST_TABLE)
                   or _storage_problem(table))
        self.refuse(problem and f"/{key} {problem}")
        return self._file[key]

    def array(self, key, allowed, shape):
        """The values, in the byte order of this machine."""
        values = self.table(key, allowed, shape)[...]
        return values.astype(values.dtype.newbyteorder("="), copy=False)

    def texts(self, key):
        """The strings of a table of rank 1."""
        return [self._plain(raw, f"/{key}") for raw in self.array(key, ("text",), (None,))]

    def children(self, key):
        """The names in a group."""
        if not self.has(key) or not isinstance(self._file[key], h5py.Group):
            self.refuse(f"/{key} is missing (a group allowed)")
        if len(self._file[key]) > MOST_OBJECTS:
            self.refuse(f"/{key} holds {len(self._file[key])} objects ({MOST_OBJECTS} allowed)")
        group, names = self._file[key], []  # sorted here: the library's own sorting frees memory that it has not set where a link is damaged
        group.id.links.iterate(names.append, idx_type=h5.INDEX_NAME, order=h5.ITER_NATIVE)
        return sorted(name.decode("utf-8", "surrogateescape") for name in names)

    def value(self, key, allowed):
        """An attribute of the root: a number, or text."""
        if not h5a.exists(self._file.id, key.encode()):
            self.refuse(f"attribute {key} is missing ({FORMAT} {FORMAT_VERSION} allowed)")
        attribute = h5a.open(self._file.id, key.encode())
        problem = _type_problem(attribute.get_type(), allowed) or _shape_problem(attribute.get_space(), attribute.get_type(), (), LARGEST_ATTRIBUTE)
        self.refuse(problem and f"attribute {key} {problem}")
        value = self._file.attrs[key]
        return self._plain(value, f"attribute {key}") if "text" in allowed else value

    def _plain(self, raw, where):
        text = bytes(raw).decode("latin-1")
        if not (text.isascii() and (text.isprintable())):
            self.refuse(f"{where} holds {shown(text[:40])!r} (printable ASCII allowed)")
        return text


@contextlib.contextmanager
def opened(path):
    """The Reader of a file whose format and version are those of data sets."""
    if not os.path.isfile(path):
        raise DataError(f"{shown(path)}: no such file (a data-set file allowed)")
    try:
        with h5py.File(path, "r") as file:
            reader = Reader(path, file)
            reader.refuse(None if reader.value("format", ("text",)) == FORMAT and reader.value("format_version", ("int64",)) == FORMAT_VERSION
                          else f"is not a data-set file (format {FORMAT}, format_version {FORMAT_VERSION} allowed)")
            yield reader
    except (OSError, RuntimeError, ValueError, KeyError, TypeError, MemoryError) as error:  # what h5py makes of damaged files
        raise DataError(f"{shown(path)}: cannot be read: {first_line(error)} (a whole {FORMAT} file allowed)") from error
