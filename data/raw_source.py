"""Reads the files of a raw data set out of a folder, a zip or a tar (plain, gz, bz2, xz), unpacking nothing to disk.

Archives are read in pieces: what they hold in all, each file that is wanted and each header of a tar have a size that must not be
passed, and a claim of more is refused before memory is taken.
"""
import hashlib
import io
import os
import stat
import struct
import tarfile
import zipfile

import numpy as np

from deepfog.program import InputError as DataError, first_line
from folder_walk import COPY, HIDDEN, OTHER, LeftOut, is_clutter, read_regular, regular_files, shown
from unpack import DAMAGED as BAD_STREAM
from unpack import PIECE, Unpacked, form_of

MAX_FILES = 200_000
MAX_BYTES = 1 << 30  # of all files together; the stock data sets need a third of it
MAX_FILE_BYTES = 256 << 20  # of one file, where an importer says no less
MAX_PADDING = 16 << 20  # after the end mark; tar writes 10 KiB
HEADER_BYTES = 2048  # of a file of a tar, its name and the filled-up block included, more or less
DAMAGED = (*BAD_STREAM, tarfile.TarError, zipfile.BadZipFile, struct.error, ValueError, NotImplementedError, RuntimeError)
ZIP_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # those of which Python unpacks no more at a time than was asked for
FORMS = "a folder, zip or tar(.gz, .bz2, .xz)"


class RawSource:
    """A folder or an archive; files(wanted) gives (path inside, bytes) of every file for which wanted(path) holds.

    left_out counts what files() passed over.
    """

    def __init__(self, path, max_bytes=MAX_BYTES, max_files=MAX_FILES):
        self.path = path
        self.name = os.path.basename(os.path.abspath(path))
        self.left_out = LeftOut()
        self._max_bytes, self._max_files = max_bytes, max_files
        if not os.path.exists(path):
            raise DataError(f"{path}: no such file or folder ({FORMS} allowed)")
        if not os.path.isdir(path) and not os.path.isfile(path):
            raise DataError(f"{path}: is no file or folder ({FORMS} allowed)")

    def where(self, inside):
        """How a file inside is named in messages."""
        return shown(os.path.join(self.path, inside))

    def files(self, wanted, most=MAX_FILE_BYTES):
        """Yields (path inside, bytes) in the archive's own order; a folder in sorted order. `most` bytes a wanted file may have."""
        self.left_out = LeftOut()
        if os.path.isdir(self.path):
            yield from self._folder(wanted, most)
            return
        try:
            with open(self.path, "rb") as file:
                zipped = file.read(2) == b"PK"
                file.seek(0)
                yield from self._zip(file, wanted, most) if zipped else self._tar(file, wanted, most)
        except DAMAGED as error:
            raise DataError(f"{self.path}: the archive is damaged or cut short: {first_line(error)} (a whole {FORMS} allowed)") from error

    def sha256(self, wanted):
        """Of the archive; of a folder over the sorted "relative-path sha256" lines of the wanted files."""
        if not os.path.isdir(self.path):
            return _file_sha256(self.path)
        return folder_sha256({inside: os.path.join(self.path, inside) for inside in regular_files(self.path, wanted, LeftOut())})

    def _folder(self, wanted, most):
        budget = _Budget(self, most)
        for inside in regular_files(self.path, wanted, self.left_out):
            content = read_regular(os.path.join(self.path, inside), most, "a readable file")
            budget.spend(inside, len(content))
            yield inside, content

    def _passes_over(self, inside, wanted):
        if wanted(inside):
            return False
        self.left_out.add(HIDDEN if is_clutter(inside) else OTHER, inside)
        return True

    def _zip(self, file, wanted, most):
        budget = _Budget(self, most)
        with zipfile.ZipFile(file) as archive:
            for info in archive.infolist():
                budget.spend(info.filename, info.file_size)
                if info.is_dir() or self._passes_over(info.filename, wanted):
                    continue
                if stat.S_ISLNK(info.external_attr >> 16):
                    raise DataError(f"{self.where(info.filename)}: is a link (plain files and folders allowed)")
                if info.compress_type not in ZIP_METHODS:
                    raise DataError(f"{self.where(info.filename)}: is packed by method {info.compress_type} (stored and deflated files allowed)")
                budget.take(info.filename, info.file_size)
                with archive.open(info) as member:
                    yield info.filename, _whole(member, info.file_size)

    def _tar(self, file, wanted, most):
        budget = _Budget(self, most)
        stream = _TarStream(self, file, self._max_bytes + self._max_files * HEADER_BYTES)
        with tarfile.open(fileobj=stream, mode="r:") as archive:
            for member in archive:
                archive.members = []  # it keeps them all, for uses that do not read forward
                budget.spend(member.name, member.size)
                if member.isdir() or self._passes_over(member.name, wanted):
                    continue
                if not member.isfile():
                    raise DataError(f"{self.where(member.name)}: is a link or a device (plain files and folders allowed)")
                budget.take(member.name, member.size)
                yield member.name, _whole(archive.extractfile(member), member.size)
        # tarfile takes a cut at a file's edge for the end: a whole archive ends in a block of zeros
        if stream.last != bytes(tarfile.BLOCKSIZE):
            raise EOFError("the end mark is missing")
        stream.read_padding()  # to the end, where packed streams keep their checksum


def _whole(member, size):
    """The bytes of a file inside an archive, which says that it has `size`."""
    content = b"".join(iter(lambda: member.read(PIECE), b""))
    if len(content) != size:
        raise EOFError("a file inside ends early")
    return content


class _TarStream:
    """What tarfile reads from: forward only, in pieces; tarfile itself would take any header into memory whole."""

    def __init__(self, source, file, most):
        self._source, self._inner, self._most = source, Unpacked(file), most
        self.last = b""  # what was read last

    def tell(self):
        return self._inner.tell()

    def seek(self, position):
        self._bound(position)
        return self._inner.seek(position)

    def read(self, count):
        if count > PIECE:
            raise DataError(f"{self._source.path}: a header inside has {count} bytes ({PIECE} bytes allowed)")
        self._bound(self.tell() + count)
        self.last = self._inner.read(count)
        return self.last

    def _bound(self, position):
        if position > self._most:
            raise DataError(f"{self._source.path}: too large when unpacked ({self._most} bytes allowed)")

    def read_padding(self):
        """To the end of the stream."""
        padding = 0
        while block := self._inner.read(PIECE):
            padding += len(block)
            if padding > MAX_PADDING:
                raise DataError(f"{self._source.path}: too much after the last file ({MAX_PADDING} bytes allowed)")


class FileList:
    """Single files with the methods of a RawSource; where two have one name, the importer sees both and says so."""

    def __init__(self, paths):
        self.path = os.path.dirname(os.path.abspath(paths[0]))
        self.name = " ".join(os.path.basename(path) for path in paths)
        self.left_out = LeftOut()
        self._paths = paths

    def where(self, inside):
        """How a file is named in messages."""
        return shown(next((path for path in self._paths if os.path.basename(path) == inside), inside))

    def files(self, wanted, most=MAX_FILE_BYTES):
        """Yields (base name, bytes) of all files, each of which must be wanted and have at most `most` bytes."""
        for path in self._paths:
            if not os.path.isfile(path):
                raise DataError(f"{path}: no such file (a file of the raw data set allowed)")
            if not wanted(os.path.basename(path)):
                raise DataError(f"{path}: its name is none of this data set's files (the names in data/README.md allowed)")
            yield os.path.basename(path), read_regular(path, most, "a readable file")

    def sha256(self, wanted):
        """Over the sorted "name sha256" lines, as of a folder that holds these files."""
        return folder_sha256({name: path for path in self._paths if wanted(name := os.path.basename(path))})


def source_of(paths, wanted):
    """A RawSource of one folder or archive, or a FileList of files that are the raw data themselves."""
    if len(paths) == 1 and not (os.path.isfile(paths[0]) and wanted(os.path.basename(paths[0]))):
        return RawSource(paths[0])
    return FileList(paths)


def plain(content, where, most):
    """What a file holds, unpacked where its name ends in .gz, .xz or .bz2; DataError when damaged or over `most` bytes."""
    if os.path.splitext(where)[1] in (".gz", ".xz", ".bz2"):
        try:
            if form_of(content) is None:
                raise OSError("it is not packed")
            content = Unpacked(io.BytesIO(content)).read(most + 1)
        except BAD_STREAM as error:
            raise DataError(f"{where}: is damaged or cut short: {first_line(error)} (a whole .gz, .xz or .bz2 file allowed)") from error
    if len(content) > most:
        raise DataError(f"{where}: too large ({most} bytes allowed)")
    return content


def is_copy(source, inside, known, found):
    """Whether a file holds the arrays that another of the same purpose held; it is then left out."""
    if len(known) != len(found) or not all(map(np.array_equal, known, found)):
        return False
    source.left_out.add(COPY, inside)
    return True


class _Budget:
    """Refuses unsafe paths and more files or bytes than a raw data set can have."""

    def __init__(self, source, most):
        self._source, self._files, self._bytes, self._most = source, source._max_files, source._max_bytes, most

    def spend(self, inside, size):
        """Of every file inside, whether wanted or not."""
        parts = inside.replace("\\", "/").split("/")
        if inside.startswith(("/", "\\")) or ".." in parts:
            raise DataError(f"{self._source.path}: unsafe path {inside!r} inside (relative paths without .. allowed)")
        self._files -= 1
        self._bytes -= size
        if self._files < 0:
            raise DataError(f"{self._source.path}: too many files inside ({self._source._max_files} allowed)")
        if self._bytes < 0:
            raise DataError(f"{self._source.path}: too large when unpacked ({self._source._max_bytes} bytes allowed)")

    def take(self, inside, size):
        """Of a file that will be in memory whole."""
        if size > self._most:
            raise DataError(f"{self._source.where(inside)}: too large ({self._most} bytes allowed)")


def folder_sha256(files):
    """Over the sorted "relative-path sha256" lines of {relative path: where it lies}."""
    lines = sorted(f"{inside} {_file_sha256(path)}\n" for inside, path in files.items())
    return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def _file_sha256(path):
    digest = hashlib.sha256()
    try:
        with open(path, "rb") as file:
            for block in iter(lambda: file.read(1 << 20), b""):
                digest.update(block)
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror} (a readable file allowed)") from error
    return digest.hexdigest()
