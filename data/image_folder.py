"""Which images a folder holds and of which class each is: one folder a class, or a flat folder and a file of labels.

Classes and images come in the order of TorchVision's ImageFolder: classes sorted by name, images by path. So label k means
what output k of a network trained with TorchVision means.
"""
import os

from errors import DataError
from raw_source import is_clutter

ENDINGS = (".jpg", ".jpeg", ".png")
MAX_TEXT_BYTES = 64 << 20


def _is_image(name):
    return name.lower().endswith(ENDINGS) and not is_clutter(name)


def _entries(folder):
    try:
        return sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        raise DataError(f"{folder}: cannot be read: {error.strerror} (a folder of images allowed)") from error


def class_folders(folder):
    """(paths, labels, class names) of a folder of class folders, each with one image or more."""
    names = [entry.name for entry in _entries(folder) if entry.is_dir() and not is_clutter(entry.name + "/")]
    if len(names) < 2:
        raise DataError(f"{folder}: {len(names)} class folders (2 or more, or a flat folder with --truth, allowed)")
    paths, labels = [], []
    for label, name in enumerate(names):
        before = len(paths)
        for inside, _, files in sorted(os.walk(os.path.join(folder, name), followlinks=True)):
            paths += [os.path.join(inside, file) for file in sorted(files) if _is_image(file)]
        if len(paths) == before:
            raise DataError(f"{os.path.join(folder, name)}: holds no images ({', '.join(ENDINGS)} in every class folder allowed)")
        labels += [label] * (len(paths) - before)
    return paths, labels, names


def _words(path):
    """The words of each line of a text file that is not blank: [(line number, [word, ...])]."""
    try:
        if os.path.getsize(path) > MAX_TEXT_BYTES:
            raise DataError(f"{path}: too large ({MAX_TEXT_BYTES} bytes of text allowed)")
        with open(path, encoding="utf-8") as file:
            lines = [(number, line.split()) for number, line in enumerate(file, 1) if line.strip()]
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror} (a text file allowed)") from error
    except ValueError as error:
        raise DataError(f"{path}: is no text (a text file allowed)") from error
    if not lines:
        raise DataError(f"{path}: is empty (one line an image or class allowed)")
    return lines


def read_class_names(path):
    """The first word of every line: names in the order in which a file of labels counts them."""
    names = {}
    for number, words in _words(path):
        if names.setdefault(words[0], number) != number:
            raise DataError(f"{path}:{number}: {words[0]} stands in line {names[words[0]]} too (each class once allowed)")
    return list(names)


def _class_of(word, where, names, first):
    """The class name that a word of the file of labels stands for."""
    if not (word.isascii() and word.isdigit()):
        if names and word not in names:
            raise DataError(f"{where}: class {word} is not among the class names ({len(names)} names in --class-names allowed)")
        return word
    if not names:
        raise DataError(f"{where}: label {word[:20]} is a number (names, or numbers with --class-names, allowed)")
    number = int(word) if len(word) < 10 else -1
    if not first <= number < first + len(names):
        raise DataError(f"{where}: label {word[:20]} ({first} to {first + len(names) - 1} allowed; --first-label says where numbers begin)")
    return names[number - first]


def flat_folder(folder, truth, class_names=None, first=0):
    """(paths, labels, class names) of a flat folder and a file with "FILE CLASS" or just "CLASS" a line (images in sorted order)."""
    files = [entry.name for entry in _entries(folder) if _is_image(entry.name) and entry.is_file()]
    if not files:
        raise DataError(f"{folder}: holds no images ({', '.join(ENDINGS)} allowed)")
    names = read_class_names(class_names) if class_names else None
    lines, found = _words(truth), {}
    for position, (number, words) in enumerate(lines):
        where = f"{truth}:{number}"
        if len(words) != len(lines[0][1]) or len(words) > 2:
            raise DataError(f"{where}: {len(words)} words (in every line a class, or in every line a file and its class, allowed)")
        file = words[0] if len(words) == 2 else files[position] if position < len(files) else None
        if file is None or file in found:
            what = "one line more than images" if file is None else f"{file} stands there twice"
            raise DataError(f"{where}: {what} (one line for each of the {len(files)} images allowed)")
        found[file] = _class_of(words[-1], where, names, first)
    known = set(files)
    strange = next((file for file in found if file not in known), None)
    lacking = next((file for file in files if file not in found), None)
    if strange or lacking:
        what = f"no image {strange} in {folder}" if strange else f"no line for image {lacking}"
        raise DataError(f"{truth}: {what} (one line for each of the {len(files)} images allowed)")
    classes = sorted(names or set(found.values()))
    ranks = {name: rank for rank, name in enumerate(classes)}
    return [os.path.join(folder, file) for file in files], [ranks[found[file]] for file in files], classes
