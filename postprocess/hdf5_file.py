"""An HDF5 file that came from anywhere: opened for reading once it is known to consist of plain groups, tables and attributes only.

No link leads out of it or elsewhere in it, no table lies in another file or asks for more memory than the file can stand for, and
what HDF5 cannot read of a damaged file ends as one line. Everything a program reads afterwards is bounded by the file's own size.
"""
import contextlib
import os
import stat

import h5py
import numpy as np

from deepfog.program import InputError, one_line

MOST_OBJECTS, MOST_DEPTH = 1_000_000, 16
FILTERS = {h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32}
# A table at least this large is held against what is stored of it: deflate makes a byte of 1032 at most.
LARGE_BYTES, MOST_SHRUNK = 64 << 20, 1032
MOST_NUMBER = 2 ** 53


@contextlib.contextmanager
def opened(path):
    """An open h5py.File of a sound file, or an InputError; takes no lock, so a running campaign is not disturbed."""
    try:
        status = os.stat(path)
    except (OSError, ValueError) as error:
        missing = isinstance(error, FileNotFoundError)
        raise InputError(f"{path}: {'no such file' if missing else getattr(error, 'strerror', error)}, expected a results file (HDF5)") from None
    if not stat.S_ISREG(status.st_mode):
        raise InputError(f"{path}: is {'a folder' if stat.S_ISDIR(status.st_mode) else 'no regular file'}, expected a results file (HDF5)")
    try:
        file = h5py.File(path, "r", locking=False)
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        reason = "is empty" if status.st_size == 0 else "is not a readable HDF5 file"
        raise InputError(f"{path}: {reason} ({error})") from None
    with file, damage(path):
        problem = _problem(file)
        if problem:
            raise InputError(f"{path}: {problem}")
        yield file


@contextlib.contextmanager
def damage(where):
    """Makes an InputError of what HDF5 cannot read of a file. An exception of the program's own stays what it is: a fault of the program."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        if not _of_hdf5(error):
            raise
        text = error.args[0] if isinstance(error, KeyError) and error.args else error
        raise InputError(f"{where}: damaged: {one_line(text) or type(error).__name__}") from None


def number_problem(table):
    """Why the numbers of a table cannot be reckoned with, or None: infinite, or beyond +-2^53, up to which all programs agree. NaN is no value."""
    values = table[()]
    large = np.flatnonzero(~((values >= -MOST_NUMBER) & (values <= MOST_NUMBER) | (values != values)))
    return f"holds {values.ravel()[large[0]]}, allowed are numbers up to 2^53" if len(large) else None


def _of_hdf5(error):
    """Whether an exception was raised inside h5py: its last frame is there (a .pyx of h5py, or a file of the package)."""
    trace = error.__traceback__
    while trace.tb_next:
        trace = trace.tb_next
    place = trace.tb_frame.f_code.co_filename
    return place.startswith("h5py/") or place.startswith(os.path.dirname(h5py.__file__) + os.sep)


def _problem(file):
    """What a file may not hold, in words; None where there is no such thing. Each object is looked at once, links before what they lead to."""
    seen, waiting, objects = set(), [("", file["/"], 0)], 0
    while waiting:
        path, group, depth = waiting.pop()
        for name in group:
            where, link, objects = f"{path}/{name}", group.get(name, getlink=True), objects + 1
            if not name.isprintable():
                return f"{where!r}: a name with characters that no results file has"
            if not isinstance(link, h5py.HardLink):
                target = link.path if isinstance(link, h5py.SoftLink) else f"{link.filename}:{link.path}" if isinstance(link, h5py.ExternalLink) else "elsewhere"
                return f"{where} is a link (to {one_line(target)}), allowed are groups and tables"
            if depth == MOST_DEPTH:
                return f"{path} lies {depth} groups deep, at most {MOST_DEPTH} are allowed"
            if objects > MOST_OBJECTS:
                return f"holds more than {MOST_OBJECTS} groups and tables"
            found = group[name]
            if isinstance(found, h5py.Dataset):
                problem = _table_problem(found)
                if problem:
                    return f"table {where} {problem}"
            elif not isinstance(found, h5py.Group):
                return f"{where} is neither a group nor a table"
            address = h5py.h5o.get_info(found.id).addr
            if isinstance(found, h5py.Group) and address not in seen:
                waiting.append((where, found, depth + 1))
            seen.add(address)
    return None


def _table_problem(table):
    """Why a table is not to be read, or None."""
    made = table.id.get_create_plist()
    if made.get_external_count() or made.get_layout() not in (h5py.h5d.COMPACT, h5py.h5d.CONTIGUOUS, h5py.h5d.CHUNKED):
        return "lies in another file, or is put together from other tables; it must hold its values itself"
    foreign = [made.get_filter(place)[0] for place in range(made.get_nfilters())]
    if set(foreign) - FILTERS:
        return f"is packed by filter {max(set(foreign) - FILTERS)}, allowed are deflate, shuffle and fletcher32"
    if table.shape is None:
        return "is empty (a null space), expected values"
    size, stored = table.id.get_space().get_simple_extent_npoints() * table.id.get_type().get_size(), table.id.get_storage_size()
    if size > LARGE_BYTES and size > stored * MOST_SHRUNK:
        return f"has {size:,} bytes, of which the file holds {stored:,}"
    return None
