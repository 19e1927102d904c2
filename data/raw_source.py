"""Reads the files of a raw data set out of a folder, a zip or a tar (plain, gz, bz2, xz), unpacking nothing to disk."""
import gzip
import hashlib
import io
import lzma
import os
import stat
import tarfile
import zipfile
import zlib

from errors import DataError, first_line

MAX_FILES = 200_000
MAX_BYTES = 4 << 30  # of all files together; the stock data sets need a tenth of it
MAX_PADDING = 16 << 20  # after the end mark; tar writes 10 KiB
DAMAGED = (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, NotImplementedError, RuntimeError)
FORMS = "a folder, zip or tar(.gz, .bz2, .xz)"


class RawSource:
    """A folder or an archive; files(wanted) gives (path inside, bytes) of every file for which wanted(path) holds."""

    def __init__(self, path, max_bytes=MAX_BYTES, max_files=MAX_FILES):
        self.path = path
        self.name = os.path.basename(os.path.abspath(path))
        self._max_bytes, self._max_files = max_bytes, max_files
        if not os.path.exists(path):
            raise DataError(f"{path}: no such file or folder ({FORMS} allowed)")
        if not os.path.isdir(path) and not os.path.isfile(path):
            raise DataError(f"{path}: is no file or folder ({FORMS} allowed)")

    def where(self, inside):
        """How a file inside is named in messages."""
        return os.path.join(self.path, inside)

    def files(self, wanted):
        """Yields (path inside, bytes) in the archive's own order; a folder in sorted order."""
        if os.path.isdir(self.path):
            yield from self._folder(wanted)
            return
        try:
            if zipfile.is_zipfile(self.path):
                yield from self._zip(wanted)
            else:
                yield from self._tar(wanted)
        except DAMAGED as error:
            raise DataError(f"{self.path}: the archive is damaged or cut short: {first_line(error)} (a whole {FORMS} allowed)") from error

    def sha256(self, wanted):
        """Of the archive; of a folder over the sorted "relative-path sha256" lines of the wanted files."""
        if not os.path.isdir(self.path):
            return _file_sha256(self.path)
        return folder_sha256({inside: self.where(inside) for inside in self._walk() if wanted(inside)})

    def _walk(self):
        def unreadable(error):
            raise DataError(f"{error.filename}: cannot be read: {error.strerror} (a readable folder allowed)")

        for folder, folders, names in os.walk(self.path, onerror=unreadable):
            folders.sort()
            for name in sorted(names):
                yield os.path.relpath(os.path.join(folder, name), self.path)

    def _folder(self, wanted):
        budget = _Budget(self)
        for inside in filter(wanted, self._walk()):
            full = self.where(inside)
            try:
                budget.spend(inside, os.stat(full).st_size)
                with open(full, "rb") as file:
                    content = file.read()
            except OSError as error:
                raise DataError(f"{full}: cannot be read: {error.strerror} (a readable file allowed)") from error
            yield inside, content

    def _zip(self, wanted):
        budget = _Budget(self)
        with zipfile.ZipFile(self.path) as archive:
            for info in archive.infolist():
                budget.spend(info.filename, info.file_size)
                if stat.S_ISLNK(info.external_attr >> 16):
                    raise DataError(f"{self.where(info.filename)}: is a link (plain files and folders allowed)")
                if not info.is_dir() and wanted(info.filename):
                    yield info.filename, archive.read(info)

    def _tar(self, wanted):
        budget = _Budget(self)
        with tarfile.open(self.path, "r:*") as archive:
            for member in archive:
                budget.spend(member.name, member.size)
                if not (member.isfile() or member.isdir()):
                    raise DataError(f"{self.where(member.name)}: is a link or a device (plain files and folders allowed)")
                if member.isfile() and wanted(member.name):
                    content = archive.extractfile(member).read()
                    if len(content) != member.size:
                        raise EOFError("a file inside ends early")
                    yield member.name, content
            # tarfile takes a cut at a file's edge for the end: a whole archive ends in a block of zeros
            archive.fileobj.seek(archive.offset)
            if archive.fileobj.read(512) != bytes(512):
                raise EOFError("the end mark is missing")
            padding = 0
            while block := archive.fileobj.read(1 << 20):  # to the end, where compressed streams keep their checksum
                padding += len(block)
                if padding > MAX_PADDING:
                    raise DataError(f"{self.path}: too much after the last file ({MAX_PADDING} bytes allowed)")


class FileList:
    """Single files with the methods of a RawSource; where two have one name, the importer sees both and says so."""

    def __init__(self, paths):
        self.path = os.path.dirname(os.path.abspath(paths[0]))
        self.name = " ".join(os.path.basename(path) for path in paths)
        self._paths = paths

    def where(self, inside):
        """How a file is named in messages."""
        return next((path for path in self._paths if os.path.basename(path) == inside), inside)

    def files(self, wanted):
        """Yields (base name, bytes) of all files, each of which must be wanted."""
        for path in self._paths:
            if not os.path.isfile(path):
                raise DataError(f"{path}: no such file (a file of the raw data set allowed)")
            if not wanted(os.path.basename(path)):
                raise DataError(f"{path}: its name is none of this data set's files (the names in data/README.md allowed)")
            if os.path.getsize(path) > MAX_BYTES:
                raise DataError(f"{path}: too large ({MAX_BYTES} bytes allowed)")
            try:
                with open(path, "rb") as file:
                    content = file.read()
            except OSError as error:
                raise DataError(f"{path}: cannot be read: {error.strerror} (a readable file allowed)") from error
            yield os.path.basename(path), content

    def sha256(self, wanted):
        """Over the sorted "name sha256" lines, as of a folder that holds these files."""
        return folder_sha256({name: path for path in self._paths if wanted(name := os.path.basename(path))})


def source_of(paths, wanted):
    """A RawSource of one folder or archive, or a FileList of files that are the raw data themselves."""
    if len(paths) == 1 and not (os.path.isfile(paths[0]) and wanted(os.path.basename(paths[0]))):
        return RawSource(paths[0])
    return FileList(paths)


def plain(content, where, most):
    """What a file holds, unpacked where its name ends in .gz or .xz; DataError when damaged or over `most` bytes."""
    opener = {".gz": gzip.open, ".xz": lzma.open}.get(os.path.splitext(where)[1])
    if opener:
        try:
            with opener(io.BytesIO(content)) as packed:
                content = packed.read(most + 1)
        except DAMAGED as error:
            raise DataError(f"{where}: is damaged or cut short: {first_line(error)} (a whole .gz or .xz file allowed)") from error
    if len(content) > most:
        raise DataError(f"{where}: too large ({most} bytes allowed)")
    return content


class _Budget:
    """Refuses unsafe paths and more files or bytes than a raw data set can have."""

    def __init__(self, source):
        self._source, self._files, self._bytes = source, source._max_files, source._max_bytes

    def spend(self, inside, size):
        parts = inside.replace("\\", "/").split("/")
        if inside.startswith(("/", "\\")) or ".." in parts:
            raise DataError(f"{self._source.path}: unsafe path {inside!r} inside (relative paths without .. allowed)")
        self._files -= 1
        self._bytes -= size
        if self._files < 0:
            raise DataError(f"{self._source.path}: too many files inside ({self._source._max_files} allowed)")
        if self._bytes < 0:
            raise DataError(f"{self._source.path}: too large when unpacked ({self._source._max_bytes} bytes allowed)")


def is_clutter(inside):
    """Files that operating systems leave behind."""
    name = inside.rsplit("/", 1)[-1]
    return name.startswith("._") or "__MACOSX" in inside.split("/") or name in (".DS_Store", "Thumbs.db")


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
