"""Whatever is wrong with the input: one line that says what, exit code 2, nothing written."""
import os
import tempfile
import unittest

import h5py
import numpy as np

import program
import sample
import compare
import report
import schema

MODEL = "experiments/health/models/vanilla"


def _edited(change):
    def make(path):
        sample.build(path, experiments=("health",), runs=2, models=("vanilla",))
        with h5py.File(path, "r+") as file:
            change(file)
    return make


def _bytes(content):
    def make(path):
        with open(path, "wb") as stream:
            stream.write(content)
    return make


def _truncated(path):
    sample.build(path, experiments=("health",), runs=2, models=("vanilla",))
    os.truncate(path, os.path.getsize(path) // 2)


def _overwritten(path):
    """Sound metadata, but the compressed counts are rubbish."""
    sample.build(path, experiments=("health",), runs=2, models=("vanilla",))
    with h5py.File(path, "r+") as file:
        group = file[MODEL]
        values, scales = group["correct"][()], [file[f"experiments/health/scales/{name}"] for name in ("run", "combination")]
        del group["correct"]
        table = group.create_dataset("correct", data=values, chunks=values.shape, compression="gzip", fletcher32=True)
        sample.put(table, {"units": "1", "long_name": "correct"})
        for axis, scale in enumerate(scales):
            table.dims[axis].attach_scale(scale)
        chunk = table.id.get_chunk_info(0)
        place, size = chunk.byte_offset, chunk.size
    with open(path, "r+b") as stream:
        stream.seek(place)
        stream.write(b"\x55" * size)


FILES = {
    "absent": (lambda path: None, "no such file"),
    "folder": (os.mkdir, "is a folder"),
    "empty": (_bytes(b""), "is empty"),
    "text": (_bytes(b"not a results file\n" * 99), "is not a readable HDF5 file"),
    "truncated": (_truncated, "is not a readable HDF5 file"),
    "not ours": (lambda path: h5py.File(path, "w").close(), "attribute format is missing, expected 'deepfog-results'"),
    "data set": (_edited(lambda f: f.attrs.create("format", np.bytes_("deepfog-dataset"))), "attribute format is 'deepfog-dataset'"),
    "version": (_edited(lambda f: f.attrs.create("format_version", np.int64(7))), "format_version is 7, this program reads 1"),
    "no experiments": (_edited(lambda f: f.pop("experiments")), "/experiments is missing or empty"),
    "no models": (_edited(lambda f: f.pop("experiments/health/models")), "/experiments/health/models is missing or empty"),
    "no settings": (_edited(lambda f: f.pop("experiments/health/reliability")), "/experiments/health/reliability is missing"),
    "no nodes": (_edited(lambda f: f.pop("experiments/health/topology/nodes")), "/experiments/health/topology/nodes is missing"),
    "no counts": (_edited(lambda f: f.pop(MODEL + "/correct")), f"table /{MODEL}/correct is missing"),
    "no averages": (_edited(lambda f: f.pop(MODEL + "/average_accuracy")), "(and 3 more, see schema.py)"),
    "no split": (_edited(lambda f: f["experiments/health"].attrs.pop("split")), "attribute /experiments/health/split is missing"),
    "model is a table": (_edited(lambda f: f.create_dataset("experiments/health/models/x", data=1)), "/experiments/health/models/x is not a group"),
    "experiment is a table": (_edited(lambda f: f.create_dataset("experiments/x", data=1)), "/experiments/x is not a group"),
    "inference is a table": (_edited(lambda f: f.create_dataset("inference", data=1)), "/inference is not a group"),
    "a run without tables": (_edited(lambda f: f.create_group("inference/x")), "attribute /inference/x/experiment is missing"),
    "damaged table": (_overwritten, "damaged"),
}


class BadFiles(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.path = os.path.join(self.folder, "bad.h5")
        self.good = sample.build(os.path.join(self.folder, "good.h5"), experiments=("health",), runs=2, models=("vanilla",))

    def one_line(self, answer, expected=""):
        code, out, err = answer
        self.assertEqual((code, out), (2, ""), err)
        self.assertEqual(err.count("\n"), 1, err)
        self.assertIn(expected, err)

    def test_every_bad_file(self):
        for name, (make, expected) in FILES.items():
            with self.subTest(name):
                path = os.path.join(self.folder, name.replace(" ", "-") + ".h5")
                make(path)
                before = sorted(os.listdir(self.folder))
                self.one_line(program.call(report.main, path), expected)
                for pair in ((path, self.good), (self.good, path)):
                    self.one_line(program.call(compare.main, *pair), expected)
                self.assertEqual(sorted(os.listdir(self.folder)), before)

    def test_schema_lists_every_problem(self):
        _edited(lambda f: f.pop(MODEL + "/average_accuracy"))(self.path)
        code, out, err = program.call(schema.main, self.path)
        self.assertEqual((code, len(out.splitlines()), err), (2, 4, ""))
        self.assertEqual(program.call(schema.main, self.good), (0, f"{self.good}: layout good\n", ""))

    def test_bad_command_lines(self):
        self.one_line(program.call(report.main), "required: RESULTS.h5")
        self.one_line(program.call(report.main, self.good, "--formats", "gif"), "'gif' is not known, allowed are png, pdf, svg")
        self.one_line(program.call(report.main, self.good, "--colour"), "unrecognized arguments: --colour")
        self.one_line(program.call(report.main, self.good, "--formats", "", "--out", os.path.join(self.good, "x")), "Not a directory")
        self.one_line(program.call(compare.main, self.good), "required: B.h5")
        self.one_line(program.call(compare.main, self.good, self.good, "--table", "nonsense"), "invalid choice: 'nonsense'")
        for word in ("-1", "nan", "inf", "x"):
            self.one_line(program.call(compare.main, self.good, self.good, f"--tolerance={word}"), "is not a number >= 0")
        self.one_line(program.call(schema.main), "a file or --list is needed")

    def test_as_programs(self):
        self.one_line(program.execute("report.py", self.path), "report.py: " + self.path + ": no such file")
        self.one_line(program.execute("compare.py", self.path, self.good), "compare.py: " + self.path + ": no such file")
        self.one_line(program.execute("schema.py", self.path), "schema.py: " + self.path + ": no such file")

    def test_help_has_an_example(self):
        for script in ("report.py", "compare.py", "schema.py"):
            code, out, err = program.execute(script, "--help")
            self.assertEqual((code, err), (0, ""))
            self.assertIn(f"example:\n  postprocess/{script} ", out)


if __name__ == "__main__":
    unittest.main()
