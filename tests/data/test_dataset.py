"""The data-set file: what is written can be read by anyone, broken rules are named, nothing is half-written."""
import hashlib
import os
import unittest
from unittest import mock

from made_up import FolderTest, command

import dataset
import h5py
import numpy as np
import output_place
from deepfog.program import InputError as DataError


def small(**changes):
    """A good data set of 6 samples, two sources, three classes."""
    values = dict(
        name="tiny", title="Tiny", origin="real", samples=np.arange(30, dtype=np.float32).reshape(6, 5),
        labels=np.array([0, 1, 2, 0, 1, 2]), class_names=["a", "b", "c"], sources=[("left", 2), ("right", 3)],
        splits={"rows": np.array([0, 0, 1, 1, 2, 255], dtype=np.uint8), "all": np.array([0, 1, 2, 0, 0, 0], dtype=np.uint8)},
        default_split="rows", source="made up", source_sha256="0" * 64, importer="test 1", citation="none",
        missing=np.zeros((6, 2), dtype=np.uint8), group=np.array([1, 1, 2, 2, 3, 3]))
    values.update(changes)
    return dataset.DataSet(**values)


NAN = np.arange(30, dtype=np.float32).reshape(6, 5)
NAN[4, 3] = np.nan
BROKEN = {
    "no samples": (dict(samples=np.zeros((0, 5), dtype=np.float32)), r"/samples has shape \[0, 5\]"),
    "flat samples": (dict(samples=np.zeros(30, dtype=np.float32)), r"/samples has shape \[30\]"),
    "double samples": (dict(samples=np.zeros((6, 5))), "/samples has type float64"),
    "nan": (dict(samples=NAN), r"/samples\[4,3\] is nan"),
    "infinity": (dict(samples=np.where(np.isnan(NAN), np.float32(np.inf), NAN)), r"/samples\[4,3\] is inf"),
    "labels short": (dict(labels=np.zeros(5, dtype=int)), r"/labels has shape \[5\]"),
    "label high": (dict(labels=np.array([0, 1, 3, 0, 1, 2])), r"/labels\[2\] is 3 \(0 to 2 allowed\)"),
    "label negative": (dict(labels=np.array([0, -1, 2, 0, 1, 2])), r"/labels\[1\] is -1"),
    "one class": (dict(class_names=["a"], labels=np.zeros(6, dtype=int)), "/class_names holds 1 names"),
    "class twice": (dict(class_names=["a", "b", "a"]), "/class_names"),
    "widths": (dict(sources=[("left", 2), ("right", 2)]), "/sources/width adds up to 4"),
    "width zero": (dict(sources=[("left", 5), ("right", 0)]), "each at least 1"),
    "source twice": (dict(sources=[("left", 2), ("left", 3)]), "/sources/names"),
    "source name": (dict(sources=[("left hand", 2), ("right", 3)]), "/sources/names"),
    "split length": (dict(splits={"rows": np.zeros(5, dtype=np.uint8)}), r"/splits/rows has shape \[5\]"),
    "split code": (dict(splits={"rows": np.array([0, 1, 2, 3, 0, 0], dtype=np.uint8)}), r"/splits/rows\[3\] is 3"),
    "no test part": (dict(splits={"rows": np.array([0, 1, 0, 1, 0, 0], dtype=np.uint8)}), "/splits/rows has no test sample"),
    "default split": (dict(default_split="subjects"), 'default_split "subjects" is not in /splits'),
    "origin": (dict(origin="fake"), 'origin is "fake"'),
    "name": (dict(name="../tiny"), 'name is "../tiny"'),
    "scale": (dict(scale=0.0), "scale is 0.0"),
    "missing shape": (dict(missing=np.zeros((6, 3), dtype=np.uint8)), r"/missing has shape \[6, 3\]"),
    "missing value": (dict(missing=np.full((6, 2), 2, dtype=np.uint8)), "/missing holds 2"),
    "no train part": (dict(splits={"rows": np.array([1, 1, 2, 2, 2, 2], dtype=np.uint8)}), "/splits/rows has no train sample"),
    "no validation part": (dict(splits={"rows": np.array([0, 0, 2, 2, 2, 2], dtype=np.uint8)}), "/splits/rows has no validation sample"),
    "shape of no source": (dict(shapes={"up": (1, 1, 2)}), "/sources/shape of up"),
    "shape of another width": (dict(shapes={"right": (3, 1, 2)}), r"/sources/shape of right is \[3, 1, 2\] .*its width, 3,"),
    "negative shape": (dict(shapes={"right": (-3, -1, 1)}), "/sources/shape of right"),
    "shape of rank 2": (dict(shapes={"right": (3, 1)}), "/sources/shape of right"),
    "group shape": (dict(group=np.zeros(7, dtype=int)), r"/group has shape \[7\]"),
    # what would become something else when stored
    "labels with fractions": (dict(labels=[0.4, 1.4, 2.4, 0.4, 1.4, 2.4]), r"/labels has type float64 \(integers allowed\)"),
    "labels float32": (dict(labels=np.array([0, 1, 2, 0, 1, 2], dtype=np.float32)), "/labels has type float32"),
    "labels bool": (dict(labels=np.array([0, 1, 1, 0, 1, 0], dtype=bool)), "/labels has type bool"),
    "labels text": (dict(labels=["0", "1", "2", "0", "1", "2"]), "/labels has type <U1"),
    "labels of objects": (dict(labels=[0, None, 2, 0, 1, 2]), "/labels has type object"),
    "labels of two lengths": (dict(labels=[[0], [1, 2], 0, 1, 2, 0]), "/labels has type object"),
    "labels beyond 64 bits": (dict(labels=np.array([0, 1, 2, 0, 1, 2**64 - 1], dtype=np.uint64)), r"/labels\[5\] is 18446744073709551615"),
    "labels masked": (dict(labels=np.ma.array([0, 1, 2, 0, 1, 2], mask=[0, 0, 1, 0, 0, 0])), "/labels is a masked array"),
    "samples masked": (dict(samples=np.ma.array(np.zeros((6, 5), np.float32), mask=np.eye(6, 5))), "/samples is a masked array"),
    "samples of large integers": (dict(samples=np.full((6, 5), 2**25 + 1)), "/samples has type int64"),
    "samples complex": (dict(samples=np.zeros((6, 5), np.complex64)), "/samples has type complex64"),
    "samples float16": (dict(samples=np.zeros((6, 5), np.float16)), "/samples has type float16"),
    "samples in lists": (dict(samples=[[0.1] * 5] * 6), "/samples has type float64"),
    "scale that overflows": (dict(samples=np.full((6, 5), 1e20, np.float32), scale=1e20), r"/samples\[0,0\] is 1"),
    "scale below 32 bits": (dict(scale=1e-50), "scale is 1e-50"),
    "scale text": (dict(scale="1"), "scale is '1'"),
    "codes with fractions": (dict(splits={"rows": np.array([0, 0, 1, 1, 2, 2.0])}), "/splits/rows has type float64"),
    "codes bool": (dict(splits={"rows": np.array([0, 0, 1, 1, 0, 1], dtype=bool)}), "/splits/rows has type bool"),
    "codes that wrap": (dict(splits={"rows": np.array([0, 1, 2, 256, 257, 258])}), r"/splits/rows\[3\] is 256"),
    "split name": (dict(splits={"a/b": np.array([0, 0, 1, 1, 2, 2])}, default_split="a/b"), "/splits holds 'a/b'"),
    "missing with fractions": (dict(missing=np.full((6, 2), 0.5)), "/missing has type float64"),
    "missing negative": (dict(missing=np.full((6, 2), -1)), "/missing holds -1"),
    "group with fractions": (dict(group=np.arange(6) / 2), "/group has type float64"),
    "group beyond 64 bits": (dict(group=np.full(6, 2**63, dtype=np.uint64)), "/group holds 9223372036854775808"),
    "widths with fractions": (dict(sources=[("left", 2.5), ("right", 2.5)]), "/sources/width holds"),
    "sources without widths": (dict(sources=["left", "right"]), "/sources is"),
    "shape with fractions": (dict(shapes={"right": (1.0, 3.0, 1.0)}), "/sources/shape of right"),
    "channels last of no image": (dict(channels_last=("left",)), "/sources/channels_last names left"),
    "class numbers": (dict(class_names=[0, 1, 2]), r"/class_names holds 0 \(text allowed\)"),
    "classes equal once stored": (dict(class_names=["caf\xe9", "caf\\xe9", "b"]), "/class_names"),
    "no citation": (dict(citation=None), r"citation is None \(text allowed\)"),
}


class Writing(FolderTest):
    def test_what_is_written_is_read(self):
        path, data = self.path("tiny.h5"), small()
        dataset.write(path, data)
        back = dataset.read(path)
        for key in ("name", "origin", "default_split", "sources", "class_names", "scale", "citation"):
            self.assertEqual(getattr(back, key), getattr(data, key))
        for key in ("samples", "labels", "missing", "group"):
            np.testing.assert_array_equal(getattr(back, key), getattr(data, key))
        self.assertEqual(sorted(back.splits), ["all", "rows"])
        self.assertEqual(os.listdir(self.folder), ["tiny.h5"])

    def test_images_have_a_shape(self):
        path = self.path("tiny.h5")
        dataset.write(path, small(shapes={"right": (1, 3, 1)}))
        self.assertEqual(dataset.read(path).shapes, {"right": (1, 3, 1)})
        with h5py.File(path) as file:
            self.assertEqual((file["sources/shape"].dtype, file["sources/shape"][...].tolist()), (np.int64, [[0, 0, 0], [1, 3, 1]]))
        self.assertIn("left 2, right 3 (1x3x1)", command(dataset, path)[1])

    def test_a_split_may_test_alone(self):
        dataset.write(self.path("tiny.h5"), small(splits={"rows": np.array([2, 255, 2, 2, 2, 2], dtype=np.uint8)}))
        self.assertEqual(dataset.read(self.path("tiny.h5")).splits["rows"].tolist(), [2, 255, 2, 2, 2, 2])

    def test_samples_are_asked_for_in_blocks_and_once(self):
        asked, whole = [], np.arange(70_000 * 5, dtype=np.float32).reshape(-1, 5)

        class Rows:
            shape, dtype = whole.shape, np.dtype(np.uint8)

            def __getitem__(self, rows):
                asked.append((rows.start, min(rows.stop, len(whole))))
                return whole[rows].astype(np.uint8)

        many = dict(labels=np.zeros(70_000, dtype=int), splits={"rows": np.full(70_000, 2, np.uint8)}, missing=None, group=None)
        with mock.patch("row_blocks.BLOCK_BYTES", 100_000), mock.patch("row_blocks.CHUNK_BYTES", 1_000):
            dataset.write(self.path("streamed.h5"), small(samples=Rows(), **many))
        self.assertEqual(asked, [(start, min(start + 20_000, 70_000)) for start in range(0, 70_000, 20_000)])
        streamed = dataset.read(self.path("streamed.h5"))
        np.testing.assert_array_equal(streamed.samples, whole.astype(np.uint8))
        self.assertEqual(streamed.content_sha256(), small(samples=whole.astype(np.uint8), **many).content_sha256())

    def test_rows_must_be_what_the_whole_says(self):
        class Rows:
            shape, dtype = (6, 5), np.dtype(np.uint8)

            def __init__(self, rows):
                self.rows = rows

            def __getitem__(self, which):
                return self.rows

        for rows in (np.full((6, 5), 0.7), np.full((6, 5), 300), np.zeros((5, 5), np.uint8), np.zeros((6, 6), np.uint8)):
            with self.assertRaisesRegex(DataError, r"/samples: the rows from 0 on are .* \(uint8 of shape \[6, 5\], as the whole says, allowed\)"):
                dataset.write(self.path("tiny.h5"), small(samples=Rows(rows)))
        self.assertEqual(os.listdir(self.folder), [])

    def test_lists_and_other_integers_are_stored_exactly(self):
        kinds = dict(labels=[0, 1, 2, 0, 1, 2], missing=np.eye(6, 2, dtype=bool), group=np.arange(6, dtype=np.int16),
                     samples=np.arange(30, dtype=">f4").reshape(6, 5), splits={"rows": [0, 1, 2, 255, 0, 0]}, scale=2)
        dataset.write(self.path("tiny.h5"), small(**kinds))
        back = dataset.read(self.path("tiny.h5"))
        for key in ("labels", "missing", "group", "samples"):
            np.testing.assert_array_equal(getattr(back, key), kinds[key])
        self.assertEqual((back.splits["rows"].tolist(), back.scale, back.samples.dtype), ([0, 1, 2, 255, 0, 0], 2.0, np.dtype("<f4")))

    def test_types_in_the_file(self):
        path = self.path("tiny.h5")
        dataset.write(path, small())
        with h5py.File(path) as file:
            for key in ("format", "name", "title", "origin", "default_split", "content_sha256", "source", "source_sha256", "importer", "citation"):
                kind = file.attrs.get_id(key).get_type()
                self.assertIsInstance(kind, h5py.h5t.TypeStringID, key)
                self.assertFalse(kind.is_variable_str(), key)
                self.assertEqual((kind.get_strpad(), kind.get_cset()), (h5py.h5t.STR_NULLPAD, h5py.h5t.CSET_ASCII), key)
                self.assertEqual(file.attrs.get_id(key).shape, ())
            for key, kind in (("format_version", "int64"), ("classes", "int64"), ("scale", "float64")):
                self.assertEqual(file.attrs[key].dtype, np.dtype(kind))
            for key, kind in (("samples", "float32"), ("labels", "int64"), ("sources/width", "int64"), ("splits/rows", "uint8"),
                              ("missing", "uint8"), ("group", "int64"), ("class_names", "S1"), ("sources/names", "S5")):
                self.assertEqual(file[key].dtype, np.dtype(kind), key)
            samples = file["samples"]
            self.assertEqual((samples.compression, samples.compression_opts, samples.shuffle), ("gzip", 4, True))
            self.assertEqual(samples.chunks[1], 5)

    def test_content_digest_is_as_documented(self):
        data = small()
        whole = data.samples.tobytes() + data.labels.astype("<i8").tobytes() + data.splits["all"].tobytes() + data.splits["rows"].tobytes()
        self.assertEqual(data.content_sha256(), hashlib.sha256(whole).hexdigest())

    def test_every_broken_rule_is_named_and_nothing_written(self):
        for case, (changes, pattern) in BROKEN.items():
            with self.subTest(case), self.assertRaisesRegex(DataError, pattern):
                dataset.write(self.path("tiny.h5"), small(**changes))
            self.assertEqual(os.listdir(self.folder), [], case)

    def test_failure_while_writing_leaves_the_old_file(self):
        path = self.path("tiny.h5")
        dataset.write(path, small())
        before = dataset.read(path).content_sha256()
        with mock.patch.object(output_place.os, "replace", side_effect=OSError(28, "No space left on device")):
            with self.assertRaisesRegex(DataError, "No space left on device"):
                dataset.write(path, small(labels=np.array([2, 2, 2, 0, 1, 2])))
        self.assertEqual(os.listdir(self.folder), ["tiny.h5"])
        self.assertEqual(dataset.read(path).content_sha256(), before)

    def test_interrupt_while_writing_leaves_nothing(self):
        with mock.patch.object(output_place, "sync", side_effect=KeyboardInterrupt), self.assertRaises(KeyboardInterrupt):
            dataset.write(self.path("tiny.h5"), small())
        self.assertEqual(os.listdir(self.folder), [])

    def test_text_beyond_ascii_is_escaped(self):
        dataset.write(self.path("tiny.h5"), small(source="Zürich.zip", title=""))
        self.assertEqual(dataset.read(self.path("tiny.h5")).source, "Z\\xfcrich.zip")


def _drop(key):
    return lambda file: file.__delitem__(key)


def _attribute(key, value):
    return lambda file: file.attrs.__setitem__(key, value)


def _change_label(file):
    file["labels"][0] = 1


def _shape(*rows):
    return lambda file: file.create_dataset("sources/shape", data=np.array(rows, dtype=np.int64))


DAMAGE = {
    "shape of one source": (_shape((1, 1, 2)), r"/sources/shape has shape \[1, 3\] \(\[2, 3\] allowed\)"),
    "shape of another width": (_shape((1, 1, 2), (2, 1, 1)), r"/sources/shape of right is \[2, 1, 1\]"),
    "no samples": (_drop("samples"), "/samples is missing"),
    "no splits": (_drop("splits"), "/splits is missing"),
    "no widths": (_drop("sources/width"), "/sources/width is missing"),
    "other format": (_attribute("format", np.bytes_(b"other")), "is not a data-set file"),
    "next version": (_attribute("format_version", np.int64(2)), "is not a data-set file"),
    "wrong classes": (_attribute("classes", np.int64(4)), "classes is 4"),
    "changed label": (_change_label, "content_sha256 does not match"),
    "no name": (lambda file: file.attrs.__delitem__("name"), "attribute name is missing"),
}


class Checking(FolderTest):
    def test_summary(self):
        dataset.write(self.path("tiny.h5"), small())
        code, out, said = command(dataset, self.path("tiny.h5"))
        self.assertEqual((code, said, out.splitlines()[-1]), (0, "", "VALID"))
        self.assertIn("left 2, right 3", out)
        self.assertIn("rows: train 2, validation 2, test 1 (default)", out)

    def test_summary_of_many_classes_is_short(self):
        data = small(class_names=[f"c{number}" for number in range(1000)])
        self.assertIn("  classes  c0 2, c1 2, c2 2, c3 0, ", dataset.summary(data)[3])
        self.assertTrue(dataset.summary(data)[3].endswith("c19 0 and 980 more, all with 0 to 2"))

    def test_damaged_files_are_refused_in_one_line(self):
        for number, (case, (damage, pattern)) in enumerate(DAMAGE.items()):
            path = self.path(f"case{number}.h5")
            dataset.write(path, small())
            with h5py.File(path, "r+") as file:
                damage(file)
            with self.subTest(case):
                code, out, said = command(dataset, path)
                self.assertEqual((code, out), (2, ""))
                self.assertRegex(said, f"^dataset.py: {path}: .*{pattern}")
                self.assertEqual(said.count("\n"), 1)

    def test_files_that_are_no_hdf5(self):
        dataset.write(self.path("whole.h5"), small())
        with open(self.path("whole.h5"), "rb") as file:
            whole = file.read()
        for name, content in (("cut.h5", whole[: len(whole) // 2]), ("text.h5", b"hello"), ("empty.h5", b"")):
            with open(self.path(name), "wb") as file:
                file.write(content)
            code, _, said = command(dataset, self.path(name))
            self.assertEqual((code, said.count("\n")), (2, 1))
            self.assertIn("cannot be read", said)
        self.assertEqual(command(dataset, self.path("none.h5"))[0], 2)


if __name__ == "__main__":
    unittest.main()
