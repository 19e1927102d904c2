"""Results files made to do harm: what they hold is shown as words, in every form of a report, and leads nowhere."""
import os
import re
import unittest

import h5py
import numpy as np

import program
from report_case import ReportCase
import sample
import sample_inference
import test_inference_exits
import compare
import hdf5_file
import report
import tables

MODELS = "experiments/health/models"
LIVE = "<img src=x onerror=alert(1)>"
NAMES = (LIVE, "{{DATA}}", "<!--<script>alert(1)", "=HYPERLINK(1)", "+1+cmd|x", "@SUM(1)", "-2+3", "[1cm]", "$\\frac{a", "\\input{x}", "..", "a\u00e9\u4e2d", "n" * 250)


class Words(ReportCase):
    def make(self, names, **root):
        """A file whose models, experiment, nodes and distributed run have these names."""
        sample.build(self.path, experiments=("health",), runs=2, models=("vanilla", "deepfogguard"), **root)
        sample_inference.add(self.path, "study", rounds=2, timeouts=(10,))

        def rename(file):
            models = file[MODELS]
            for old, new in zip(list(models), names):
                models.move(old, new)
            nodes = file["experiments/health/topology/nodes"]
            nodes_are = np.array([name.encode()[:60] for name in (*names, "e1")[:3]])
            del file["experiments/health/topology/nodes"]
            file["experiments/health/topology/nodes"] = nodes_are
            file["inference"].move("study", names[0])
            file["experiments"].move("health", names[1])
            sample.put(file["sessions/0"], {"command_line": "{{DATA}}{{TABLES}}" + LIVE, "hosts": LIVE, "modules": LIVE})

        self.edit(rename)

    def test_names_are_words_in_every_form(self):
        for pair in zip(NAMES, NAMES[1:] + NAMES[:1]):
            with self.subTest(pair):
                if ".." in pair:
                    pair = tuple(name if name != ".." else "..x" for name in pair)
                self.make(pair, config_text="{{DATA}}\n" + LIVE, software_version=LIVE)
                self.report(forms="svg" if pair[0] == "$\\frac{a" else "")
                page = self.stored("report.html")
                self.assertEqual([page.count(word) for word in (LIVE, "<script", "</script", "<img", "<td>{{DATA}}{{TABLES}}&lt;img")], [0, 2, 2, 0, 1])
                self.assertEqual(re.findall(r'id="data">([^<]*)<', page)[0].count("<"), 0)
                for name in self.names():
                    self.assertRegex(name, r"^[A-Za-z0-9_.-]{1,200}$")
                    if name.endswith(".csv"):
                        for row in self.read_csv(name[:-4]):
                            for cell in row.values():
                                self.assertRegex(cell or "", r"^([^=+@-]|$|[+-]?[\d.]+(e[+-]?\d+)?$|[+-]?inf$)")
                    if name.endswith(".tex"):
                        self.assertIsNone(re.search(r"\\\\\n[\[*]|\\input|\\frac", self.stored(name)), name)
                self.assertEqual(sorted(os.listdir(self.folder)), ["r-report", "r.h5"])

    def test_cells(self):
        table = tables.Table("t", "a\nb", ["x"], [["a\x1b[2J\u2028"], ["[2cm]"]], csv_header=["x"], csv_rows=[["=1"], ["-1.5e-3"], [-2], ["\tx"], ["-x"], ["nan"]])
        self.assertEqual(table.as_csv(), "x\n'=1\n-1.5e-3\n-2\n\\tx\n'-x\nnan\n")
        self.assertNotIn("\x1b", table.as_text() + table.as_latex())
        self.assertEqual(len(table.as_text().splitlines()), 7)
        self.assertIn("\n{}[2cm]", table.as_latex())

    def test_a_file_name_that_is_not_utf8(self):
        sample.build(os.path.join(self.folder, "plain.h5"), experiments=("health",), runs=2, models=("vanilla",))
        for name in (b"b\xe9.h5", "K\u00e4fer \u4e2d.h5".encode(), b"a\nb$c$<i>.h5"):
            with self.subTest(name):
                path = os.path.join(os.fsencode(self.folder), name)
                os.replace(os.path.join(self.folder, "plain.h5"), path)
                code, out, err = program.execute("report.py", os.fsdecode(path), "--formats", "svg", "--paths-only", errors="surrogateescape")
                self.assertEqual((code, err), (0, ""), out)
                self.assertTrue(os.path.isdir(path[:-3] + b"-report"))
                os.replace(path, os.path.join(self.folder, "plain.h5"))


class Places(ReportCase):
    def setUp(self):
        super().setUp()
        self.good = os.path.join(self.folder, "good.h5")
        sample.build(self.good, experiments=("health",), runs=2, models=("vanilla",))

    def refused(self, change, pattern):
        """report.py and compare.py, either way round, end with one line."""
        sample.build(self.path, experiments=("health",), runs=2, models=("vanilla",))
        self.edit(change)
        for main, arguments in ((report.main, (self.path,)), (compare.main, (self.path, self.good)), (compare.main, (self.good, self.path))):
            code, out, err = program.call(main, *arguments)
            self.assertEqual((code, out, err.count("\n")), (2, "", 1), err)
            self.assertRegex(err, re.escape(self.path) + ": .*" + pattern)
        self.assertEqual(sorted(os.listdir(self.folder)), ["good.h5", "r.h5"])

    def test_links(self):
        for where, link in ((MODELS + "/other", h5py.ExternalLink(self.good, "/" + MODELS + "/vanilla")), ("sessions/1", h5py.ExternalLink("/etc/passwd", "/")),
                            ("experiments/other", h5py.SoftLink("/experiments/health")), (MODELS + "/loop", h5py.SoftLink("/")), ("inference", h5py.SoftLink("/nowhere"))):
            with self.subTest(where):
                self.refused(lambda file, where=where, link=link: file.__setitem__(where, link), f"/{where} is a link ")

    def test_tables_that_lie_elsewhere(self):
        raw = os.path.join(self.folder, "good.h5")

        def external(file):
            del file[MODELS + "/vanilla/topology_text"]
            file[MODELS].create_dataset("vanilla/topology_text", shape=(4,), dtype="i8", external=[(raw, 0, 32)])

        def virtual(file):
            layout = h5py.VirtualLayout(shape=(2, 8), dtype="i8")
            layout[:] = h5py.VirtualSource(raw, MODELS + "/vanilla/correct", shape=(2, 8))
            del file[MODELS + "/vanilla/correct"]
            file.create_virtual_dataset(MODELS + "/vanilla/correct", layout)

        for change in (external, virtual):
            with self.subTest(change.__name__):
                self.refused(change, "must hold its values itself")

    def test_sizes_that_the_file_does_not_hold(self):
        def huge(name, **how):
            def change(file):
                if name in file:
                    del file[name]
                file.create_dataset(name, **how)
            return change

        def deep(file):
            group = file
            for _ in range(500):
                group = group.create_group("g")

        for change, pattern in ((huge("more", shape=(1 << 40,), dtype="i8", chunks=(1 << 16,)), "bytes, of which the file holds 0"),
                                (huge(MODELS + "/vanilla/confusion", shape=(2, 8, 1 << 20, 1 << 10), dtype="i8", chunks=(1, 1, 64, 64), compression="gzip"), "of which the file holds"),
                                (huge("text", shape=(), dtype="S1000000000"), "of which the file holds 0"),
                                (huge("lzf", data=np.zeros(99), compression="lzf"), "packed by filter 32000"),
                                (huge("none", data=h5py.Empty("f8")), "null space"), (deep, "groups deep, at most 16"),
                                (lambda file: file.__setitem__("type", np.dtype("i8")), "neither a group nor a table"), (lambda file: file.create_group("a\x1bb"), "characters")):
            with self.subTest(pattern):
                self.refused(change, pattern)

    def test_numbers_beyond_all_measure(self):
        for name, value in (("accuracy", np.inf), ("accuracy", -1e308), ("validation_accuracy", -np.inf)):
            with self.subTest(name=name, value=value):
                self.refused(lambda file, name=name, value=value: file[f"{MODELS}/vanilla/{name}"].__setitem__(0, value), "numbers up to 2\\^53")

    def test_a_group_in_itself_is_seen_once(self):
        with h5py.File(self.good, "r+") as file:
            file["loop"] = file["/"]
        self.assertEqual(program.call(compare.main, self.good, self.good)[0], 0)

    def test_what_is_no_file(self):
        os.mkfifo(os.path.join(self.folder, "pipe"))
        for name, said in (("pipe", "no regular file"), ("good.h5/x", "Not a directory"), ("x" * 300, "File name too long"), (".", "is a folder")):
            code, _, err = program.call(report.main, os.path.join(self.folder, name))
            self.assertEqual((code, err.count("\n")), (2, 1))
            self.assertIn(said, err)

    def test_the_files_fault_and_the_programs(self):
        with h5py.File(self.good) as file:
            for fault in (lambda: file["absent"], lambda: file.attrs["absent"], lambda: file["experiments"].attrs.create("x", 1), lambda: file["experiments/health/scales/run"][99],
                          lambda: file["experiments"].id.links.get_info(b"absent")):
                with self.assertRaisesRegex(hdf5_file.InputError, "^f: damaged: "), hdf5_file.damage("f"):
                    fault()
            for bug in (lambda: {}["absent"], lambda: [][1], lambda: np.zeros(2) + np.zeros(3)):
                with self.assertRaises((KeyError, IndexError, ValueError)), hdf5_file.damage("f"):
                    bug()


class EveryKindOfRun(ReportCase):
    def test_phases_rounds_and_exits(self):
        """With exits or without, a phase or several, rounds or none: each has its report."""
        for exits in (False, True):
            for variants, timeouts in ((("no failure",), (1000,)), (("no failure", "f2 dead"), (10, 1000)), (("no failure",), (10, 100, 1000))):
                for done in (0, 1, None):
                    with self.subTest(exits=exits, variants=variants, done=done):
                        how = {"variants": variants, "timeouts": timeouts, "rounds": 3, "done": done, "ending": "interrupted" if done is not None else "complete"}
                        if exits:
                            test_inference_exits.build(self.path, [0, 1, 1, 0], **how)
                        else:
                            sample_inference.build(self.path, **how)
                        self.report(forms="svg" if variants == ("no failure",) and done != 1 else "")
                        self.assertEqual("inference_exits.txt" in self.names(), exits)
                        for name in self.names():
                            os.unlink(os.path.join(self.folder, "r-report", name))


if __name__ == "__main__":
    unittest.main()
