"""What a folder holds: its regular files, each once, whatever tools, file systems and links left beside them.

A link to a file or folder counts as what it leads to; a folder is entered once and a file given once, under its own name where
it has one there. What is left out is counted, so that it can be said.
"""
import os
import stat

from deepfog.program import InputError as DataError

CLUTTER_FILES = {"thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r"}
CLUTTER_FOLDERS = {"__macosx", "lost+found", "@eadir", "#recycle", "#snapshot", "$recycle.bin", "system volume information", "__pycache__", "cvs"}
HIDDEN, OTHER, SPECIAL, TWICE, LOOP, COPY = range(6)
REASONS = {HIDDEN: "hidden, or left by a system or editor", OTHER: "files of another kind", SPECIAL: "pipes, sockets and devices",
           TWICE: "second names of the same file or folder", LOOP: "links to a folder above", COPY: "further copies of the same data"}


def shown(path):
    """A path fit for a line of text: what cannot be printed, undecodable bytes too, stands as an escape."""
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii") for letter in str(path))


def is_clutter(inside):
    """Whether a relative path is hidden, a backup, or what operating systems leave behind, or lies in such a folder."""
    *folders, name = inside.rstrip("/").split("/")
    if any(part.startswith(".") and part not in (".", "..") or part.lower() in CLUTTER_FOLDERS for part in (*folders, name)):
        return True
    return name.lower() in CLUTTER_FILES or name.endswith("~")


class LeftOut:
    """Counts what was left out and why, with an example of each reason."""

    def __init__(self):
        self._found = {}

    def add(self, reason, path):
        count, example = self._found.get(reason, (0, path))
        self._found[reason] = count + 1, example

    def notes(self):
        """One line that says what was left out, in a list; an empty list where that is nothing."""
        if not self._found:
            return []
        return ["left out: " + "; ".join(f"{REASONS[reason]}: {count} ({shown(example)}{', ...' if count > 1 else ''})"
                                         for reason, (count, example) in sorted(self._found.items()))]


def identity(status):
    """What is the same for all names of a file or folder."""
    return status.st_dev, status.st_ino


def _unreadable(path, error, allowed):
    return DataError(f"{shown(path)}: cannot be read: {error.strerror} ({allowed} allowed)")


def entries(folder):
    """The entries of a folder by name; DataError where it cannot be read."""
    try:
        with os.scandir(folder) as found:
            return sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        raise _unreadable(folder, error, "a readable folder") from error


def folders_above(folder):
    """The identities of a folder and all that it lies in: a link to one of them leads in a circle."""
    path, found = os.path.realpath(folder), set()
    while True:
        try:
            found.add(identity(os.stat(path)))
        except OSError as error:
            raise _unreadable(path, error, "a readable folder") from error
        if path == os.path.dirname(path):
            return found
        path = os.path.dirname(path)


def kind_of(entry, inside, wanted):
    """(os.stat, None) of an entry that is a folder or a wanted regular file, else (None, why it is left out).

    DataError where a wanted name cannot be followed: what should be there is missing.
    """
    if is_clutter(inside):
        return None, HIDDEN
    try:
        status = entry.stat()
    except OSError as error:
        if wanted(inside):
            raise _unreadable(entry.path, error, "a readable file") from error
        return None, OTHER
    if stat.S_ISDIR(status.st_mode):
        return status, None
    if not stat.S_ISREG(status.st_mode):
        return None, SPECIAL
    return (status, None) if wanted(inside) else (None, OTHER)


def regular_files(root, wanted, left_out, prefix=""):
    """{path inside: identity} of the regular files below a folder for which wanted(path inside) holds, each once.

    In the order of sorted folders, then of names. `prefix` stands before the paths inside that `left_out` is told.
    """
    found = []  # (whether a link, (folder, name), identity)
    above, seen, folders, links = folders_above(root), set(), [("", None)], []
    while folders or links:
        inside, known = folders.pop() if folders else links.pop(0)
        if known in above or known in seen:
            left_out.add(LOOP if known in above else TWICE, prefix + inside)
            continue
        seen.add(known)
        for entry in entries(os.path.join(root, inside)):
            path = os.path.join(inside, entry.name)
            status, reason = kind_of(entry, path, wanted)
            if status is None:
                left_out.add(reason, prefix + path)
            elif stat.S_ISDIR(status.st_mode):
                (links if entry.is_symlink() else folders).append((path, identity(status)))
            else:
                found.append((entry.is_symlink(), (inside, entry.name), identity(status)))
    files, seen = {}, set()
    for _, place, known in sorted(found):  # a file's own name before links to it
        path = os.path.join(*place)
        if known in seen:
            left_out.add(TWICE, prefix + path)
        else:
            seen.add(known)
            files[path] = known
    return dict(sorted(files.items(), key=lambda item: os.path.split(item[0])))


def read_regular(path, most, allowed):
    """The bytes of a regular file of at most `most` bytes; DataError for anything else, without waiting for a pipe."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(handle, "rb") as file:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                raise DataError(f"{shown(path)}: is no regular file ({allowed} allowed)")
            content = file.read(most + 1) if status.st_size <= most else None
    except OSError as error:
        raise _unreadable(path, error, allowed) from error
    if content is None or len(content) > most:
        raise DataError(f"{shown(path)}: too large ({most} bytes allowed)")
    return content
