"""What tests of the report share: a results file of their own, the report of it, and what that leaves behind."""
import csv
import os
import tempfile
import unittest

import h5py

import program
import report


class ReportCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.path = os.path.join(self.folder, "r.h5")

    def edit(self, change, path=None):
        with h5py.File(path or self.path, "r+") as file:
            change(file)

    def report(self, code=0, forms="", path=None):
        got, out, err = program.call(report.main, path or self.path, "--formats", forms)
        self.assertEqual((got, err), (code, ""), out)
        return out

    def stored(self, name):
        with open(os.path.join(self.folder, "r-report", name), encoding="utf-8", newline="") as stream:
            return stream.read()

    def read_csv(self, name):
        return list(csv.DictReader(self.stored(name + ".csv").splitlines()))

    def names(self):
        return os.listdir(os.path.join(self.folder, "r-report"))
