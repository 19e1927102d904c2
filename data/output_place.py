"""Where an output goes: places that cannot be written are refused before any work, files appear whole or not at all."""
import contextlib
import os
import stat
import tempfile

from deepfog.program import InputError as DataError, first_line
from folder_walk import shown

HERE = os.path.dirname(os.path.realpath(__file__))
# Beside an installed program nobody may write: the working folder's cache, where the program looks, too.
INSTALLED = os.path.exists(os.path.join(HERE, "..", "installed"))


def cache_folder():
    """data/cache of the checkout, or of the working folder where DeepFog is installed."""
    return os.path.join(os.getcwd(), "data", "cache") if INSTALLED else os.path.join(HERE, "cache")


def make_folder(folder):
    """Makes a folder and those above it where they are not there."""
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise DataError(f"{shown(folder)}: cannot be made: {error.strerror} (DEEPFOG_DATA_DIR names another folder)") from error


def check_output(path):
    """Refuses an output that could not be written, before any work starts. Makes data/cache, and no other folder."""
    folder, where = os.path.dirname(os.path.abspath(path)), shown(path)
    if folder in (os.path.join(os.getcwd(), "data", "cache"), cache_folder()):
        make_folder(folder)
    if not os.path.isdir(folder):
        raise DataError(f"{where}: its folder does not exist (an existing folder, or data/cache, allowed)")
    try:
        status = os.lstat(path)
        if stat.S_ISLNK(status.st_mode):
            status = os.stat(path)
    except FileNotFoundError as error:
        if not os.path.isdir(os.path.dirname(os.path.realpath(path))):
            raise DataError(f"{where}: is a link into a folder that does not exist (the name of a file to write allowed)") from error
        status = None
    except OSError as error:
        raise DataError(f"{where}: cannot be written: {error.strerror} (the name of a file to write allowed)") from error
    if status and not stat.S_ISREG(status.st_mode):
        raise DataError(f"{where}: is {'a folder' if stat.S_ISDIR(status.st_mode) else 'no regular file'} (the name of a file to write allowed)")
    if not os.access(os.path.dirname(os.path.realpath(path)), os.W_OK):
        raise DataError(f"{where}: its folder cannot be written (a writable folder allowed)")


@contextlib.contextmanager
def replaced_whole(path):
    """Gives the name of a temporary file; what was written there takes the place of `path` at the end, or is removed.

    A link at `path` stays: what it leads to is replaced.
    """
    place, temporary = os.path.realpath(path), None
    try:
        # a name that nobody can foresee, made anew: never what a link of that name leads to
        handle, temporary = tempfile.mkstemp(prefix=".deepfog-", suffix=".tmp", dir=os.path.dirname(place))
        os.close(handle)
        yield temporary
        os.chmod(temporary, 0o666 & ~_umask())
        sync(temporary)
        os.replace(temporary, place)
        sync(os.path.dirname(place))
    except OSError as error:
        raise DataError(f"{shown(path)}: cannot be written: {first_line(error)} (a writable folder with free space allowed)") from error
    finally:
        if temporary and os.path.exists(temporary):
            os.unlink(temporary)


def _umask():
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def sync(path):
    """Waits until a file or folder is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
