"""Networks with early exits: read, checked, tabled, drawn and compared."""
import dataclasses
import os
import shutil
import tempfile
import unittest

import h5py
import numpy as np

import program
from report_case import ReportCase
import sample
import sample_exits
import compare
import exits
import exits_figures
import exits_tables
import figures
import report
import results
import schema

STEMS = ("exits_overview", "exits_thresholds", "exits_aggregation", "exits_failed_device", "exits_retrained", "exits_devices_added", "exits_filters")
DRAWN = ("exits_thresholds", "exits_failed_device", "exits_devices_added", "exits_filters")
MODELS = "experiments/camera/models/"


class Case(ReportCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.stock, cls.built = folder.name, {}

    def build(self, path=None, **how):
        """A sample file; one with the same contents is made once."""
        key = repr(sorted(how.items()))
        if key not in self.built:
            self.built[key] = sample_exits.build(os.path.join(self.stock, f"{len(self.built)}.h5"), **how)
        return shutil.copy(self.built[key], path or self.path)

    def read(self, **how):
        return results.read(self.build(**how))


class Reading(Case):
    def test_values_are_those_of_the_file(self):
        models = {model.name: model.exits for model in self.read(runs=3, finished=2, models=("ddnn", "ddnn_only_d1")).experiments[0].models}
        own = models["ddnn"]
        self.assertEqual((own.names, own.heads, own.nodes, own.without), (["local", "cloud"], list(sample_exits.HEADS), ["d1", "d2", "d3"], []))
        self.assertEqual((own.answered.shape, own.curve_answered.shape, own.alone.shape), ((2, 8, 2), (2, 11, 2), (2, 8, 5)))
        self.assertEqual((own.usual, models["ddnn_only_d1"].usual, own.combination(["d2"])), (7, 1, 5))
        self.assertEqual(own.lets, {"FILTERS": ["4"], "LOCAL": ["max"], "CLOUD": ["concat"]})
        self.assertEqual((own.head_of("d2"), own.head_of("gateway"), own.head_of("cloud"), own.head_of("cam1")), ("d2-summary", "local", "cloud", None))
        self.assertEqual((own.devices, models["ddnn_only_d1"].devices), (["d1", "d2", "d3"], ["d1"]))
        with h5py.File(self.path, "r") as file:
            for name, k in (("ddnn", 7), ("ddnn_only_d1", 1)):
                np.testing.assert_array_equal(models[name].curve_correct, file[f"{MODELS}{name}/exits/curve_correct"][:2, k])
                np.testing.assert_array_equal(models[name].curve_answered, file[f"{MODELS}{name}/exits/curve_answered"][:2, k])

    def test_a_table_of_classes_says_the_same(self):
        by_combination = results.read(self.build())
        with h5py.File(self.path, "r+") as file:
            sample_exits.by_class(file)
        with h5py.File(self.path, "r") as file:
            self.assertEqual(schema.check(file), [])
        by_class = results.read(self.path)
        self.assertEqual(by_class.experiments[0].models[0].form, "classes")
        self.assertEqual([(t.name, t.rows) for t in exits_tables.all_tables(by_class)], [(t.name, t.rows) for t in exits_tables.all_tables(by_combination)])
        self.report()
        with h5py.File(self.path, "r+") as file:
            file[MODELS + "ddnn/exits/answered"][1, 6, 0] += 1
        self.assertIn("INVALID: camera/ddnn/exits/answered: the exits do not answer every sample once", self.report(code=3))

    def test_averages_compare_models_of_all_nodes(self):
        experiment = self.read(runs=2, models=("ddnn", "ddnn_only_d1")).experiments[0]
        self.assertEqual([model.name for model in experiment.compared], ["ddnn"])
        alone = self.read(runs=2, models=("ddnn_only_d1",)).experiments[0]
        self.assertEqual([model.name for model in alone.compared], ["ddnn_only_d1"])

    def test_other_models_have_no_exits(self):
        sample.build(self.path, runs=1)
        self.assertTrue(all(model.exits is None for e in results.read(self.path).experiments for model in e.models))
        self.assertNotIn("exit", self.report())
        self.assertEqual([name for name in self.names() if name.startswith("exits")], [])

    def test_bytes_by_hand(self):
        own = self.read(models=("ddnn",), runs=1).experiments[0].models[0].exits
        counts = np.array([[150, 50]])  # three quarters leave at the gateway: 12 bytes always, 128 of a quarter
        np.testing.assert_allclose(own.device_bytes(counts), [12 + 128 / 4])
        links = [exits.Link("a->x", "data", "a", 16, 0), exits.Link("a->y", "data", "a", 80, 1), exits.Link("a->z", "data", "a", 800, 2),
                 exits.Link("b->x", "data", "b", 32, 0), exits.Link("e->z", "data", "e", 8000, 1), exits.Link("x->a", "verdict", "x", 1, 0),
                 exits.Link("x->z", "answer", "x", 96, 0)]
        own = dataclasses.replace(own, names=["l", "e", "c"], links=links)
        # a: 2 bytes, 10 of half, 100 of a tenth; b: 4 bytes; the edge e is no device
        np.testing.assert_allclose(own.device_bytes(np.array([[100, 80, 20]])), [((2 + 5 + 10) + 4) / 2])
        self.assertEqual(dataclasses.replace(own, without=["b"]).devices, ["a"])
        self.assertEqual(dataclasses.replace(own, links=[link for link in links if link.passed]).devices, ["a", "e"])
        self.assertIsNone(dataclasses.replace(own, links=links[-2:]).device_bytes(counts))

    def test_numbers_that_cannot_be_right_make_a_file_invalid(self):
        for name, index, change, words in (("answered", (1, 6, 0), 1, "answered: the exits do not answer every sample once"),
                                           ("answered", (0, 0, 1), 1, "answered: the exits do not answer every sample once"),
                                           ("correct", (1, 3, 0), 1, "correct: its exits do not sum to the model's correct"),
                                           ("correct", (1, 0, 0), -1, "correct: outside 0..answered"),
                                           ("curve_answered", (1, 3, 2, 0), 1, "curve_answered: the exits do not answer every sample once"),
                                           ("curve_correct", (0, 7, 0, 0), 1, "curve_correct: outside 0..answered"),
                                           ("alone", (0, 0, 1), 1, "alone: outside 0..200 or not 0 where nothing flows"),
                                           ("alone", (0, 5, 1), 201, "alone: outside 0..200"),
                                           ("thresholds", (1, 0), 2, "thresholds: outside 0..1"),
                                           ("grid", 3, .5, "grid: does not ascend")):
            self.build(models=("ddnn",))
            with h5py.File(self.path, "r+") as file:
                table = file[MODELS + "ddnn/exits/" + name]
                table[index] += change
            self.assertIn("INVALID: camera/ddnn/exits/" + words, self.report(code=3), name)
        self.build(models=("ddnn",))
        self.edit(lambda f: f[MODELS + "ddnn/exits/thresholds"].__setitem__((0, 1), 5))
        self.report()  # the last exit takes all, whatever its threshold is

    def test_numbers_that_figures_are_made_of_are_bad_input(self):
        def renamed(name, values):
            def change(file):
                group = file[MODELS + "ddnn/exits"]
                words = {key: group[name].attrs[key] for key in ("units", "long_name")}
                del group[name]
                group[name] = np.array(values, dtype="S")
                group[name].attrs.update(words)
            return change

        for change, words in ((lambda f: f[MODELS + "ddnn/exits/links/exits_passed"].__setitem__(2, 2), "ddnn/exits/links/exits_passed: 2 (allowed: 0 to 1)"),
                              (lambda f: f[MODELS + "ddnn/exits/links/bits"].__setitem__(0, 0), "ddnn/exits/links/bits: 0 (allowed: 1 to "),
                              (lambda f: f[MODELS + "ddnn/exits/grid"].__setitem__(0, np.nan), "ddnn/exits/grid: "),
                              (renamed("links/kinds", ["date"] * 10), "ddnn/exits/links/kinds: date (allowed: data, verdict, answer)"),
                              (renamed("names", ["local", "local"]), "ddnn/exits/names: ['local', 'local'] (allowed: each once, and among the heads)"),
                              (renamed("names", ["local", "edge"]), "ddnn/exits/names: ['local', 'edge']"),
                              (lambda f: f[MODELS + "ddnn"].attrs.create("trained_without", np.bytes_("d1 d9")), "ddnn@trained_without: ['d1', 'd9'] (allowed: names of")):
            self.build(models=("ddnn",))
            self.edit(change)
            code, out, err = program.call(report.main, self.path)
            self.assertEqual((code, out, err.count("\n")), (2, "", 1), err)
            self.assertIn(words, err)

    def test_the_layout_says_all_of_it(self):
        def problems(change=lambda group: None):
            self.build(models=("ddnn",))
            with h5py.File(self.path, "r+") as file:
                change(file[MODELS + "ddnn"])
                return schema.check(file)

        self.assertEqual(problems(), [])
        for name in ("names", "heads", "thresholds", "answered", "correct", "grid", "curve_answered", "curve_correct", "alone", "links/names", "links/kinds",
                     "links/senders", "links/bits", "links/exits_passed"):
            self.assertIn(f"table /{MODELS}ddnn/exits/{name} is missing", problems(lambda g, name=name: g["exits"].pop(name)))
        for name in ("exit_threshold", "exit_threshold_value", "trained_without"):
            self.assertEqual(problems(lambda g, name=name: g.attrs.pop(name)), [])
        self.assertIn("has shape (2, 8, 2), expected (2, 8, 5)", problems(lambda g: (g["exits"].pop("alone"), g["exits"].create_dataset("alone", (2, 8, 2), "i8")))[0])
        self.assertIn("expected (2, 8, 11, 2)",
                      problems(lambda g: (g["exits"].pop("curve_correct"), g["exits"].create_dataset("curve_correct", (2, 8, 10, 2), "i8")))[0])
        self.assertEqual(problems(lambda g: g.attrs.create("table", np.bytes_("bounds")))[-1],
                         f"group /{MODELS}ddnn/exits does not belong to a table of bounds")


class Report(Case):
    def test_text_is_the_stored_one(self):
        self.build()
        self.report()
        for stem in STEMS:
            with open(os.path.join(sample.HERE, "golden", stem + ".txt"), encoding="utf-8") as stream:
                self.assertEqual(self.stored(stem + ".txt"), stream.read(), stem)

    def test_the_numbers_are_those_of_the_counts(self):
        self.build()
        self.report()
        with h5py.File(self.path, "r") as file:
            tables = {name: {key: file[f"{MODELS}{name}/exits/{key}"][()] / 200 for key in ("answered", "correct", "curve_answered", "curve_correct", "alone")}
                      for name in sample_exits.MODELS}
        usual = {name: 7 - sum(1 << int(node[1]) - 1 for node in without.split()) for name, (_, without, _) in sample_exits.MODELS.items()}
        filters = {name: lets[0] for name, (lets, _, _) in sample_exits.MODELS.items()}
        for row in self.read_csv("exits_overview"):
            own, k = tables[row["model"]], usual[row["model"]]
            e = sample_exits.EXITS.index(row["exit"]) if row["exit"] else None
            expected = {"threshold": lambda: [.4, .4625], "share": lambda: own["answered"][:, k, e], "alone": lambda: own["alone"][:, k, 3 + e],
                        "right": lambda: own["correct"][:, k, e] / own["answered"][:, k, e], "overall_accuracy": lambda: own["correct"][:, k].sum(axis=1),
                        "device_bytes": lambda: 12 + (1 - own["answered"][:, k, 0]) * filters[row["model"]] * 256 / 8}[row["measure"]]()
            self.assertAlmostEqual(float(row["mean"]), np.mean(expected), places=12, msg=str(row))
        rows = self.read_csv("exits_thresholds")
        self.assertEqual(len(rows), 11 * 11 * 4)
        for row in rows:
            own, k, p = tables[row["model"]], usual[row["model"]], round(10 * float(row["threshold"]))
            share = own["curve_answered"][:, k, p]
            expected = {"share": share[:, ["local", "cloud", ""].index(row["exit"]) % 2], "overall_accuracy": own["curve_correct"][:, k, p].sum(axis=1),
                        "device_bytes": 12 + (1 - share[:, 0]) * filters[row["model"]] * 256 / 8}[row["measure"]]
            self.assertAlmostEqual(float(row["mean"]), np.mean(expected), places=12, msg=str(row))
        rows = self.read_csv("exits_failed_device")
        self.assertEqual(len(rows), 7 * 4 * 3)
        for row in rows:
            k = 7 - (1 << int(row["failed_node"][1]) - 1 if row["failed_node"] else 0)
            own = tables[row["model"]]
            expected = own["alone"][:, k, 3 + sample_exits.EXITS.index(row["exit"])] if row["exit"] else own["correct"][:, k].sum(axis=1)
            self.assertAlmostEqual(float(row["mean"]), np.mean(expected), places=12, msg=str(row))
        for row in self.read_csv("exits_retrained"):
            k = 7 - sum(1 << int(node[1]) - 1 for node in row["without"].split())
            self.assertEqual(row["model"] == "ddnn", row["retrained"] == "no")
            own = tables[row["model"]]
            expected = own["alone"][:, k, 3 + sample_exits.EXITS.index(row["exit"])] if row["exit"] else own["correct"][:, k].sum(axis=1)
            self.assertAlmostEqual(float(row["mean"]), np.mean(expected), places=12, msg=str(row))

    def test_families(self):
        self.build()
        self.report()
        self.assertEqual([(row["model"], row["local_aggregation"], row["cloud_aggregation"]) for row in self.read_csv("exits_aggregation")[::3]],
                         [("ddnn", "max", "concat"), ("ddnn_mp_mp", "max", "max"), ("ddnn_ap_cc", "mean", "concat"), ("ddnn_cc_cc", "concat", "concat")])
        self.assertEqual([(row["model"], row["filters"]) for row in self.read_csv("exits_filters") if row["measure"] == "overall"],
                         [("ddnn_f1", "1"), ("ddnn", "4"), ("ddnn_f8", "8")])

    def test_devices_added_are_nested(self):
        content = self.read()
        self.assertEqual([m.name for m in exits.added_devices(content.experiments[0])], ["ddnn_only_d1", "ddnn_without_d3", "ddnn"])
        self.report()
        rows = self.read_csv("exits_devices_added")
        self.assertEqual([(row["devices"], row["joined"]) for row in rows if row["measure"] == "individual"], [("1", "d1"), ("2", "d2"), ("3", "d3")])
        with h5py.File(self.path, "r") as file:
            alone = file[MODELS + "ddnn/exits/alone"][:, 7] / 200
        for row in rows:
            if row["measure"] == "individual":
                self.assertAlmostEqual(float(row["mean"]), alone[:, int(row["joined"][1]) - 1].mean(), places=12)
        own = [model.exits for model in content.experiments[0].models]
        for head in (0, 2):  # d1, or d3, is far better than d2: it joins last
            own[0].alone[:, 7, :3] = 60
            own[0].alone[:, 7, head] = 150
            last = exits.joined(exits.added_devices(content.experiments[0]))[-1]
            self.assertEqual(last, [f"d{head + 1}"])
        few = self.read(models=("ddnn", "ddnn_without_d1", "ddnn_without_d3"))  # two devices twice: no row of three
        self.assertEqual(exits.added_devices(few.experiments[0]), [])

    def test_tables_and_figures_only_where_they_say_something(self):
        self.read(models=("ddnn", "ddnn_failout"))
        self.report(forms="png")
        self.assertEqual(sorted(name for name in self.names() if name.startswith("exits") and not name.endswith((".csv", ".tex"))),
                         ["exits_failed_device.png", "exits_failed_device.txt", "exits_overview.txt", "exits_thresholds.png", "exits_thresholds.txt"])

    def test_a_model_trained_without_a_node_and_no_other(self):
        self.read(models=("ddnn_without_d1",), runs=1)
        out = self.report()
        self.assertIn("Retrained without the device", out)
        self.assertNotIn("One node failed", out)
        self.assertEqual({row["retrained"] for row in self.read_csv("exits_retrained")}, {"yes"})

    def test_old_files_do_not_say_what_was_trained_without(self):
        self.build(models=("ddnn",))
        self.edit(lambda f: f[MODELS + "ddnn"].attrs.pop("trained_without"))
        self.assertIn("Effects of the exit threshold", self.report())

    def test_an_exit_that_nothing_reaches(self):
        self.build(models=("ddnn",), runs=1)

        def silence(file):  # as if d3 were an edge that alone leads to the cloud
            exits_of = file[MODELS + "ddnn/exits"]
            for k in (0, 1, 2, 3):
                exits_of["alone"][:, k, 4] = 0
        self.edit(silence)
        self.report()
        lines = [line.split() for line in self.stored("exits_failed_device.txt").splitlines() if "cloud alone" in line]
        self.assertEqual(lines[0][-3], "–")

    def test_synthetic_and_unfinished_are_said(self):
        self.read(origin="synthetic", runs=3, finished=1)
        self.report(forms="svg")
        for stem in STEMS:
            for form in ("txt", "csv", "tex"):
                content = self.stored(f"{stem}.{form}")
                self.assertIn("INCOMPLETE", content)
                self.assertIn("synthetic", content.lower())
        for stem in DRAWN:
            self.assertIn("synthetic", self.stored(stem + ".svg").lower())

    def test_nothing_finished_yet(self):
        self.read(finished=0)
        self.assertNotIn("exit", self.report(forms="png"))

    def test_beside_another_kind_of_experiment(self):
        sample.build(self.path, experiments=("health",), runs=2)
        other = self.build(os.path.join(self.folder, "other.h5"))
        with h5py.File(other, "r") as source, h5py.File(self.path, "r+") as file:
            source.copy("experiments/camera", file["experiments"])
        content = results.read(self.path)
        self.assertEqual([e.name for e in exits_tables.experiments(content)], ["camera"])
        self.assertIn("Health", self.report(forms="png"))


class Figures(Case):
    def draw(self, name, **how):
        content = self.read(**how)
        return content.experiments[0], dict(exits_figures.all_figures(content))[name](content)

    def test_curves_over_the_threshold(self):
        experiment, figure = self.draw("exits_thresholds", models=("ddnn", "ddnn_without_d1", "ddnn_failout"))
        self.assertEqual([panel.get_title(loc="left") for panel in figure.axes], ["Camera, DDNN", "Camera, DDNN + failout"])
        lines = [line for line in figure.axes[0].get_lines() if line.get_linestyle() == "-"]
        own = experiment.models[0].exits
        np.testing.assert_allclose(lines[0].get_ydata(), own.curve_correct.sum(axis=2).mean(axis=0) / 2)
        np.testing.assert_allclose(lines[1].get_ydata(), own.curve_answered[:, :, 0].mean(axis=0) / 2)
        np.testing.assert_allclose([float(line.get_xdata()[0]) for line in figure.axes[0].get_lines() if line.get_linestyle() == ":"], [.43125])

    def test_bars_of_failed_devices(self):
        experiment, figure = self.draw("exits_failed_device", models=("ddnn",))
        panel = figure.axes[0]
        bars = [bar.get_height() for group in panel.containers if hasattr(group, "patches") for bar in group.patches]
        columns = exits_tables.single_failures(experiment.models[0])
        np.testing.assert_allclose(bars, np.concatenate([[100 * values[:, place].mean() for values in columns.values()] for place in range(3)]))
        self.assertEqual([tick.get_text() for tick in panel.get_xticklabels()], ["none", "d1", "d2", "d3"])

    def test_lines_of_devices_and_filters(self):
        experiment, figure = self.draw("exits_devices_added")
        panel = figure.axes[0]
        lines = [line for line in panel.get_lines() if line.get_linestyle() in ("-", ":")]
        rows = exits_tables.added_rows(experiment)
        np.testing.assert_allclose(lines[2].get_ydata(), [100 * exits_tables.overall(m, m.exits.usual).mean() for m, _, _ in rows])
        np.testing.assert_allclose(lines[3].get_ydata(), [100 * alone.mean() for _, _, alone in rows])
        self.assertEqual([tick.get_text() for tick in panel.get_xticklabels()], ["1\nd1", "2\n+ d2", "3\n+ d3"])
        experiment, figure = self.draw("exits_filters")
        panel, group = figure.axes[0], exits_tables.filter_families(experiment)[0]
        np.testing.assert_allclose(panel.get_lines()[0].get_xdata(), [m.exits.device_bytes(m.exits.answered[:, 7]).mean() for m in group])
        self.assertEqual([text.get_text() for text in panel.texts if "=" in text.get_text()], ["f = 1", "f = 4", "f = 8"])

    def test_many_models_are_cut_short_with_a_word(self):
        _, figure = self.draw("exits_failed_device")
        self.assertEqual(len(figure.axes), 6)
        self.assertTrue(any("; 6 of 7, the others are in the table" in text.get_text() for text in figure.texts))
        content = self.read()
        second = dataclasses.replace(content.experiments[0], name="other", label="Other", models=content.experiments[0].models[:2])
        content.experiments.append(second)
        figure = dict(exits_figures.all_figures(content))["exits_failed_device"](content)
        self.assertEqual([panel.get_title(loc="left").split(",")[0] for panel in figure.axes], ["Camera"] * 4 + ["Other"] * 2)

    def test_nothing_is_cut_off_and_bytes_are_the_same(self):
        for how in ({}, {"runs": 3, "finished": 1, "origin": "synthetic"}, {"models": ("ddnn",)}):
            content = self.read(**how)
            for name, draw in exits_figures.all_figures(content):
                figure = draw(content)
                figure.canvas.draw()
                renderer, (width, height) = figure.canvas.get_renderer(), figure.bbox.size
                for text in figure.findobj(lambda artist: hasattr(artist, "get_text") and artist.get_text() and artist.get_visible()):
                    box = text.get_window_extent(renderer)
                    ticks = [tick for panel in figure.axes for tick in panel.get_xticklabels() + panel.get_yticklabels()]
                    self.assertTrue(text in ticks or -1 <= box.x0 and box.x1 <= width + 1 and -1 <= box.y0 and box.y1 <= height + 1,
                                    f"{name}: {text.get_text()}")
                if how.get("models"):
                    self.assertEqual(figures.render(draw, content, "png"), figures.render(draw, content, "png"), name)


class Compare(Case):
    def test_exits_are_results(self):
        other = os.path.join(self.folder, "b.h5")
        for name, at, value, words in (("answered", (1, 2, 1), 5, "answered [run 1, combination 2, exit 1]: "),
                                       ("curve_correct", (0, 4, 3, 0), 5, "curve_correct [run 0, combination 4, point 3, exit 0]: "),
                                       ("alone", (0, 4, 2), 5, "alone [run 0, combination 4, head 2]: "), ("links/bits", 2, 5, "links/bits [link 2]: 1024 against 5")):
            self.build(models=("ddnn",))
            self.build(other, models=("ddnn",))
            self.assertEqual(program.call(compare.main, self.path, other)[0], 0)
            self.edit(lambda f, name=name, at=at, value=value: f[MODELS + "ddnn/exits/" + name].__setitem__(at, value), other)
            code, out, _ = program.call(compare.main, self.path, other)
            self.assertEqual(code, 1)
            self.assertIn("ddnn/exits/" + words, out)
            self.assertEqual(program.call(compare.main, self.path, other, "--table", "correct")[0], 0)
            self.assertEqual(program.call(compare.main, self.path, other, "--table", "exits")[0], 1)


if __name__ == "__main__":
    unittest.main()
