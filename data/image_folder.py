"""Which images a folder holds and of which class each is: one folder a class, or a flat folder and a file of labels.

Classes and images come in the order of TorchVision's ImageFolder: classes sorted by name, images by path. So label k means
what output k of a network trained with TorchVision means.
"""
import os
import re
import stat
import unicodedata

from deepfog.program import InputError as DataError
from folder_walk import LOOP, OTHER, TWICE, LeftOut, entries, folders_above, identity, kind_of, regular_files, shown
from text_input import text_lines

ENDINGS = (".jpg", ".jpeg", ".png")
PARTS = {"train", "training", "val", "valid", "validation", "dev", "test", "testing"}  # folders of whole data sets


def _is_image(inside):
    return inside.lower().endswith(ENDINGS)


def _class_names(folder, left_out):
    """The folders of a folder, each of which is a class; links to folders count, but not back to where they lie."""
    names, above = [], folders_above(folder)
    for entry in entries(folder):
        status, reason = kind_of(entry, entry.name, lambda _: False)
        if status is not None and identity(status) in above:
            status, reason = None, LOOP
        if status is None:
            left_out.add(reason, entry.name)
        else:
            names.append(entry.name)
    return names


def _look(name):
    """What one sees of a name: without invisible characters and outer spaces, accents composed."""
    return unicodedata.normalize("NFC", "".join(letter for letter in name if unicodedata.category(letter) not in ("Cc", "Cf"))).strip()


def _check_names(names, where):
    """DataError where two class names look alike, as one class in two spellings does, or where one is not fit for a line."""
    looks = {}
    for name in names:
        if any(unicodedata.category(letter) == "Cc" for letter in name):
            raise DataError(f"{where}: class name {ascii(name)} holds a control character (names on one line allowed)")
        other = looks.setdefault(_look(name), name)
        if other != name:
            raise DataError(f"{where}: class names {ascii(other)} and {ascii(name)} look alike (one spelling per class allowed)")


def class_folders(folder):
    """(paths, labels, class names, LeftOut) of a folder of class folders, each with one image or more."""
    left_out = LeftOut()
    names = _class_names(folder, left_out)
    if len(names) < 2:
        raise DataError(f"{shown(folder)}: {len(names)} class folders (2 or more, or a flat folder with --truth, allowed)")
    if {name.lower() for name in names} <= PARTS:
        raise DataError(f"{shown(folder)}: holds {', '.join(names)}, which are parts of a data set and no classes (one of these folders allowed)")
    _check_names(names, shown(folder))
    paths, labels, known = [], [], {}
    for label, name in enumerate(names):
        place = os.path.join(folder, name)
        found = regular_files(place, _is_image, left_out, name + os.sep)
        if not found:
            raise DataError(f"{shown(place)}: holds no images ({', '.join(ENDINGS)} in every class folder allowed)")
        for inside, file in found.items():
            path = os.path.join(place, inside)
            if known.setdefault(file, path) != path:
                raise DataError(f"{shown(path)}: is the same file as {shown(known[file])}, of another class (each file in one class allowed)")
            paths.append(path)
        labels += [label] * len(found)
    return paths, labels, names, left_out


def _words(path, gaps):
    """The words of each line of a text file that is not blank: [(line number, [word, ...])].

    Where lines are counted (`gaps` is False), a blank line between others is an error: it would move all that follow.
    """
    found = [(number, line.split()) for number, line in enumerate(text_lines(path), 1)]
    lines = [line for line in found if line[1]]
    if not lines:
        raise DataError(f"{shown(path)}: is empty (one line per image or class allowed)")
    blank = next((number for number, words in found if not words and number < lines[-1][0]), None)
    if blank and not gaps(lines):
        raise DataError(f"{shown(path)}:{blank}: is blank, but lines are counted here (no blank line before the last allowed)")
    return lines


def read_class_names(path):
    """The first word of every line: names in the order in which a file of labels counts them."""
    names = {}
    for number, words in _words(path, lambda _: False):
        if names.setdefault(words[0], number) != number:
            raise DataError(f"{shown(path)}:{number}: {words[0]} stands in line {names[words[0]]} too (each class once allowed)")
    _check_names(names, shown(path))
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


def _flat_images(folder, left_out):
    """{name: identity} of the images in a folder itself."""
    files = {}
    for entry in entries(folder):
        status, reason = kind_of(entry, entry.name, _is_image)
        if status is None or stat.S_ISDIR(status.st_mode):
            left_out.add(OTHER if reason is None else reason, entry.name)
        else:
            files[entry.name] = identity(status)
    if not files:
        raise DataError(f"{shown(folder)}: holds no images ({', '.join(ENDINGS)} allowed)")
    return files


def _read_truth(folder, files, truth, names, first):
    """{file: class name} of every one of the files, as the file of labels says."""
    lines, found, known = _words(truth, lambda lines: len(lines[0][1]) == 2), {}, set(files)
    for position, (number, words) in enumerate(lines):
        where = f"{shown(truth)}:{number}"
        if len(words) != len(lines[0][1]) or len(words) > 2:
            raise DataError(f"{where}: {len(words)} words (in every line a class, or in every line a file and its class, allowed)")
        if words[0] not in known and re.split("[,;:|]", words[0])[0].strip("\"'") in known:
            raise DataError(f"{where}: {shown(words[0])} begins with the name of an image (FILE CLASS with a space between them allowed)")
        file = words[0] if len(words) == 2 else files[position] if position < len(files) else None
        if file is None or file in found:
            what = "one line more than images" if file is None else f"{shown(file)} stands there twice"
            raise DataError(f"{where}: {what} (one line for each of the {len(files)} images allowed)")
        found[file] = _class_of(words[-1], where, names, first)
    strange = next((file for file in found if file not in known), None)
    lacking = next((file for file in files if file not in found), None)
    if strange or lacking:
        what = f"no image {shown(strange)} in {shown(folder)}" if strange else f"no line for image {shown(lacking)}"
        raise DataError(f"{shown(truth)}: {what} (one line for each of the {len(files)} images allowed)")
    return found


def flat_folder(folder, truth, class_names=None, first=0):
    """(paths, labels, class names, LeftOut) of a flat folder and a file with "FILE CLASS" or just "CLASS" a line (images in sorted
    order)."""
    left_out = LeftOut()
    files = _flat_images(folder, left_out)
    names = read_class_names(class_names) if class_names else None
    found = _read_truth(folder, list(files), truth, names, first)
    classes = sorted(names or set(found.values()))
    _check_names(classes, shown(truth))
    ranks, kept = {name: rank for rank, name in enumerate(classes)}, {}
    for file, known in files.items():
        other = kept.setdefault(known, file)
        if found[other] != found[file]:
            raise DataError(f"{shown(os.path.join(folder, file))}: is the same file as {shown(other)}, of another class (each file in one class allowed)")
        if other != file:
            left_out.add(TWICE, file)
    return [os.path.join(folder, file) for file in kept.values()], [ranks[found[file]] for file in kept.values()], classes, left_out
