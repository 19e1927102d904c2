"""One rule for data-set files: data/dataset.py and the program's reader say the same of every file, and blame the same object."""
import os
import random
import shutil
import subprocess
import unittest

from made_up import FolderTest, command
from test_dataset import small

import dataset
import h5py
import numpy as np
from h5py import h5d, h5p, h5s, h5t

PROGRAM = os.environ.get("DEEPFOG_CHECK_DATASETS", "")
FLIPS = 150


def attribute(key, value, **options):
    return lambda file: file.attrs.create(key, value, **options)


def table(key, make, **options):
    """Replaces a table by one of make(its values)."""
    def change(file):
        values = file[key][...]
        del file[key]
        file.create_dataset(key, data=make(values), **options)
    return change


def typed(key, kind, **options):
    return table(key, lambda values: values.astype(kind), **options)


def entry(key, place, value):
    def change(file):
        file[key][place] = value
    return change


def without(*keys):
    def change(file):
        for key in keys:
            del file[key]
    return change


def both(*changes):
    def change(file):
        for one in changes:
            one(file)
    return change


def link(key, target):
    return both(without(key), lambda file: file.__setitem__(key, target))


def text_of(kind, pad):
    """The attribute `title` as a string of this padding."""
    def change(file):
        form = h5t.C_S1.copy()
        form.set_size(8)
        form.set_strpad(pad)
        del file.attrs["title"]
        made = h5py.h5a.create(file.id, b"title", form, h5s.create(h5s.SCALAR))
        made.write(np.array(kind, dtype="S8"), mtype=form)
    return change


def low(key, kind, shape, layout=None, chunk=None):
    """A table with low-level properties, its values unwritten."""
    def change(file):
        del file[key]
        properties = h5p.create(h5p.DATASET_CREATE)
        if layout:
            layout(properties)
        if chunk:
            properties.set_chunk(chunk)
            properties.set_deflate(1)
        h5d.create(file.id, key.encode(), kind, h5s.create_simple(shape, (h5s.UNLIMITED,) * len(shape) if chunk else shape), properties)
    return change


def virtual(file):
    layout = h5py.VirtualLayout(shape=(6,), dtype="i8")
    layout[:] = h5py.VirtualSource("other.h5", "labels", shape=(6,))
    del file["labels"]
    file.create_virtual_dataset("labels", layout)


def odd_integers(file):
    kind = h5t.STD_I64LE.copy()
    kind.set_precision(40)
    low("labels", kind, (6,))(file)


def no_value(file):
    del file.attrs["classes"]
    file.attrs["classes"] = h5py.Empty("i8")


def resealed(*changes):
    """Changes whose content is another, with the sum that belongs to it."""
    def change(file):
        for one in changes:
            one(file)
        samples, labels = file["samples"][...], file["labels"][...]
        splits = {name: file["splits"][name][...] for name in file["splits"]}
        file.attrs["content_sha256"] = np.bytes_(small(samples=samples, labels=labels, splits=splits, missing=None, group=None).content_sha256())
    return change


VALID = ""
CASES = {  # what is changed, and which object is blamed
    "nothing": (lambda file: None, VALID),
    # types and byte order
    "labels int32": (typed("labels", "i4"), "labels"), "labels uint64": (typed("labels", "u8"), "labels"), "labels float": (typed("labels", "f8"), "labels"),
    "labels bool": (typed("labels", bool), "labels"), "labels of 40 bits": (odd_integers, "labels"), "labels as text": (typed("labels", "S1"), "labels"),
    "labels big-endian": (typed("labels", ">i8"), VALID), "samples big-endian": (typed("samples", ">f4"), VALID),
    "samples float64": (typed("samples", "f8"), "samples"), "samples float16": (typed("samples", "f2"), "samples"), "samples int8": (typed("samples", "i1"), "samples"),
    "samples complex": (typed("samples", "c8"), "samples"), "codes uint16": (typed("splits/rows", "u2"), "splits/rows"), "codes int8": (typed("splits/all", "i1"), "splits/all"),
    "widths uint64": (typed("sources/width", "u8"), "sources/width"), "widths float": (typed("sources/width", "f8"), "sources/width"),
    "missing bool": (typed("missing", bool), "missing"), "group int32": (typed("group", "i4"), "group"),
    # attributes
    "classes float": (attribute("classes", 3.0), "classes"), "classes int32": (attribute("classes", np.int32(3)), "classes"), "classes a list": (attribute("classes", [3]), "classes"),
    "classes big-endian": (attribute("classes", np.array(3, ">i8")), VALID), "classes of no value": (no_value, "classes"), "classes wrong": (attribute("classes", np.int64(4)), "class"),
    "version float": (attribute("format_version", 1.0), "format_version"), "version 2": (attribute("format_version", np.int64(2)), ""), "scale float32": (attribute("scale", np.float32(1)), "scale"),
    "scale 0": (attribute("scale", 0.0), "scale"), "scale negative": (attribute("scale", -1.0), "scale"), "scale huge": (attribute("scale", 1e300), "scale"),
    "scale NaN": (attribute("scale", np.nan), "scale"), "scale big": (attribute("scale", 1e30), VALID), "scale that overflows": (resealed(entry("samples", (1, 1), 1e10), attribute("scale", 1e30)), "samples"),
    "format variable": (attribute("format", "deepfog-dataset"), "format"), "title variable": (attribute("title", "x"), "title"), "title UTF-8 fixed": (attribute("title", np.array(b"abc"), dtype=h5py.string_dtype("utf-8", 3)), VALID),
    "title null-terminated": (text_of(b"abc", h5t.STR_NULLTERM), "title"), "title padded by spaces": (text_of(b"abc", h5t.STR_SPACEPAD), "title"),
    "title null-padded": (text_of(b"abc", h5t.STR_NULLPAD), VALID), "title with a line": (attribute("title", np.bytes_(b"a\nb")), "title"), "title Latin-1": (attribute("title", np.bytes_(b"caf\xe9")), "title"),
    "no citation": (lambda file: file.attrs.__delitem__("citation"), "citation"), "no sum": (lambda file: file.attrs.__delitem__("content_sha256"), "content_sha256"),
    "sum wrong": (attribute("content_sha256", np.bytes_(b"0" * 64)), "content_sha256"), "origin": (attribute("origin", np.bytes_(b"fake")), "origin"),
    "name": (attribute("name", np.bytes_(b"9 lives")), "name"), "name long": (attribute("name", np.bytes_(b"n" * 65)), "name"), "default split": (attribute("default_split", np.bytes_(b"other")), "split"),
    "more attributes": (attribute("note", "anything"), VALID),
    # links, other files, other ways of storing
    "external link to nowhere": (link("samples", h5py.ExternalLink("gone.h5", "/samples")), "samples"), "external link to itself": (link("labels", h5py.ExternalLink("external link to itself.h5", "/group")), "labels"),
    "soft link": (both(lambda file: file.move("labels", "elsewhere"), lambda file: file.__setitem__("labels", h5py.SoftLink("/elsewhere"))), "labels"),
    "group by a soft link": (both(lambda file: file.move("sources", "elsewhere"), lambda file: file.__setitem__("sources", h5py.SoftLink("/elsewhere"))), "sources"),
    "splits in another file": (link("splits", h5py.ExternalLink("nothing.h5", "/splits")), "splits"), "hard link": (lambda file: file.__setitem__("again", file["labels"]), VALID),
    "external storage": (low("labels", h5t.STD_I64LE, (6,), lambda made: made.set_external(b"labels.raw", 0, 48)), "labels"), "virtual": (virtual, "labels"),
    "lzf": (table("samples", lambda values: values, compression="lzf"), "samples"), "gzip and sums": (table("samples", lambda values: values, compression="gzip", fletcher32=True, chunks=(2, 5)), VALID),
    "scale-offset": (table("labels", lambda values: values, scaleoffset=0, chunks=(6,)), "labels"), "not packed": (table("samples", lambda values: values), VALID),
    "can grow": (table("samples", lambda values: values, maxshape=(None, 5)), VALID), "chunks of gigabytes": (low("labels", h5t.STD_I64LE, (6,), chunk=(1 << 26,)), "labels"),
    "a table of terabytes": (low("samples", h5t.IEEE_F32LE, (1 << 30, 1 << 20), chunk=(1, 1 << 20)), "samples"), "a table that is not there": (low("samples", h5t.IEEE_F32LE, (6, 1 << 20), chunk=(1, 1 << 20)), "samples"),
    # what is missing, of another shape or of another kind
    "no samples": (without("samples"), "samples"), "no splits": (without("splits"), "splits"), "no class names": (without("class_names"), "class_names"), "no sources": (without("sources"), "sources"),
    "samples a group": (both(without("samples"), lambda file: file.create_group("samples")), "samples"), "splits a table": (both(without("splits"), lambda file: file.create_dataset("splits", data=[1])), "splits"),
    "a group among splits": (lambda file: file.create_group("splits/more"), "splits"), "a split of a bad name": (lambda file: file.copy("splits/rows", "splits/9 lives"), "splits"),
    "labels short": (table("labels", lambda values: values[:5]), "labels"), "labels of rank 2": (table("labels", lambda values: values[:, None]), "labels"), "labels a scalar": (table("labels", lambda values: values[0]), "labels"),
    "no rows": (table("samples", lambda values: values[:0], maxshape=(None, 5)), ""), "codes short": (table("splits/all", lambda values: values[:5]), "splits/all"), "widths short": (table("sources/width", lambda values: values[:1]), "sources/width"),
    "missing of one source": (table("missing", lambda values: values[:, :1]), "missing"), "group short": (table("group", lambda values: values[:5]), "group"), "no missing, no group": (without("missing", "group"), VALID),
    # values
    "label high": (resealed(entry("labels", 2, 3)), "labels"), "label negative": (resealed(entry("labels", 2, -1)), "labels"), "label changed": (entry("labels", 2, 1), "content_sha256"),
    "NaN": (resealed(entry("samples", (5, 4), np.nan)), "samples"), "infinity": (resealed(entry("samples", (0, 0), -np.inf)), "samples"), "code 3": (resealed(entry("splits/rows", 0, 3)), "splits/rows"),
    "a part without samples": (resealed(entry("splits/all", 1, 0)), "splits/all"), "test alone": (resealed(table("splits/all", lambda values: values * 0 + 2)), VALID),
    "missing 2": (entry("missing", (0, 0), 2), "missing"), "widths of another sum": (entry("sources/width", 0, 3), "sources/width"), "width 0": (table("sources/width", lambda values: np.array([0, 5])), "sources/width"),
    "source twice": (table("sources/names", lambda values: np.array([b"left", b"left"])), "sources/names"), "source of a bad name": (table("sources/names", lambda values: np.array([b"left", b"a b"])), "sources/names"),
    "class twice": (table("class_names", lambda values: np.array([b"a", b"a", b"b"])), "class_names"), "class unnamed": (table("class_names", lambda values: np.array([b"a", b"", b"b"])), "class_names"),
    "shape": (lambda file: file.create_dataset("sources/shape", data=[[1, 1, 2], [0, 0, 0]]), VALID), "shape of another width": (lambda file: file.create_dataset("sources/shape", data=[[1, 2, 2], [0, 0, 0]]), "sources/shape"),
    "shape int32": (lambda file: file.create_dataset("sources/shape", data=np.zeros((2, 3), "i4")), "sources/shape"), "shape half zero": (lambda file: file.create_dataset("sources/shape", data=[[0, 1, 2], [0, 0, 0]]), "sources/shape"),
    "channels last": (both(lambda file: file.create_dataset("sources/shape", data=[[1, 1, 2], [0, 0, 0]]), lambda file: file.create_dataset("sources/channels_last", data=np.array([1, 0], "u1"))), VALID),
    "channels last of no image": (both(lambda file: file.create_dataset("sources/shape", data=[[1, 1, 2], [0, 0, 0]]), lambda file: file.create_dataset("sources/channels_last", data=np.array([0, 1], "u1"))), "sources/channels_last"),
    "channels last twice": (both(lambda file: file.create_dataset("sources/shape", data=[[1, 1, 2], [0, 0, 0]]), lambda file: file.create_dataset("sources/channels_last", data=np.array([2, 0], "u1"))), "sources/channels_last"),
}


@unittest.skipUnless(PROGRAM, "DEEPFOG_CHECK_DATASETS names no program (ctest sets it)")
class TwoReaders(FolderTest):
    def verdicts(self, paths):
        """[(what dataset.py says, what the program says)], "VALID" or the line."""
        run = subprocess.run([PROGRAM], input="".join(path + "\n" for path in paths), capture_output=True, encoding="utf-8", errors="replace", timeout=60,
                             check=False)
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        program = run.stdout.split("\n")[:-1]
        self.assertEqual(len(program), len(paths), "one line per file")
        ours = []
        for path in paths:
            code, out, said = command(dataset, path)
            self.assertEqual((code, said.count("\n")), (0, 0) if out.endswith("VALID\n") else (2, 1), said)
            ours.append("VALID" if code == 0 else said.rstrip("\n"))
        return list(zip(ours, program))

    def test_the_same_of_every_case(self):
        dataset.write(self.path("base.h5"), small())
        paths = []
        for case, (change, _) in CASES.items():
            paths.append(self.path(case + ".h5"))
            shutil.copy(self.path("base.h5"), paths[-1])
            with h5py.File(paths[-1], "r+") as file:
                change(file)
        for (case, (_, blamed)), path, said in zip(CASES.items(), paths, self.verdicts(paths)):
            with self.subTest(case):
                good = [line == "VALID" for line in said]
                self.assertEqual(good[0], good[1], said)
                self.assertEqual(good[0], blamed == VALID and case not in ("version 2", "no rows"), said)
                for line, program in zip(said, ("dataset.py: ", "")) if not good[0] else ():
                    self.assertTrue(line.startswith(f"{program}{path}:"), line)
                    self.assertIn(blamed, line.split(path, 1)[1])

    def test_the_same_of_files_with_a_changed_bit(self):
        dataset.write(self.path("base.h5"), small())
        with open(self.path("base.h5"), "rb") as file:
            whole = file.read()
        draws, paths = random.Random(1), []
        with h5py.File(self.path("base.h5"), "r") as file:
            names = [whole.index(name.encode() + b"\0") for name in file.attrs]
        # HDF5 1.10 looks behind its buffer when the sizes in front of an attribute's name are damaged: what stands there is chance.
        sizes = {place - back for place in names for back in range(1, 7)}
        used = [place for place in range(len(whole)) if any(whole[max(0, place - 4):place + 4]) and place not in sizes]  # not within the gaps
        for number in range(FLIPS):
            content, place = bytearray(whole), draws.choice(used)
            content[place] ^= 1 << draws.randrange(8)
            paths.append(self.path(f"flip{number}.h5"))
            with open(paths[-1], "wb") as file:
                file.write(content)
        for path, said in zip(paths, self.verdicts(paths)):
            self.assertEqual(said[0] == "VALID", said[1] == "VALID", said)

    def test_no_files(self):
        dataset.write(self.path("base.h5"), small())
        with open(self.path("base.h5"), "rb") as file:
            whole = file.read()
        os.mkfifo(self.path("pipe.h5"))
        os.mkdir(self.path("folder.h5"))
        for name, content in (("empty", b""), ("text", b"hello"), ("cut", whole[:len(whole) // 2])):
            with open(self.path(name + ".h5"), "wb") as file:
                file.write(content)
        for said in self.verdicts([self.path(name + ".h5") for name in ("empty", "text", "cut", "pipe", "folder", "none")]):
            self.assertNotIn("VALID", said)


if __name__ == "__main__":
    unittest.main()
