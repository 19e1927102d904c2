"""Networks cut over devices: read, checked, tabled, drawn and compared."""
import math
import os
import unittest

import h5py
import numpy as np

import program
from report_case import ReportCase
import sample
import sample_partition
import compare
import figures
import partition
import partition_figures
import partition_tables
import report
import results

STEMS = ("partition_failed_devices", "partition_scores", "partition_layers", "partition_front")
MODELS = "experiments/cifar10/models/"


class Case(ReportCase):
    def read(self, **how):
        return results.read(sample_partition.build(self.path, **how))


class Reading(Case):
    def test_values_are_those_of_the_file(self):
        content = self.read(runs=3, finished=2)
        models = {model.name: model for model in content.experiments[0].models}
        cut = models["robustdice"].cut
        self.assertEqual((cut.method, cut.network, cut.scores, cut.normalisation, cut.devices, cut.images),
                         ("robustdice", "alexnet_small", "s1 s2 s3", "zscore", 4, 64))
        self.assertEqual(cut.layers, list(sample_partition.LAYERS))
        self.assertEqual((cut.held.shape, cut.device_bytes.shape, cut.thresholds.shape), ((2, 3), (2, 4), (2, 3)))
        self.assertEqual(cut.largest, 2_080_000)
        self.assertAlmostEqual(cut.saved, .48)
        np.testing.assert_allclose(cut.copies, (3, 1.5, 1.25))
        self.assertEqual((cut.front.failed, cut.front.on_front.tolist()), (2, [True, True, True, False, False, True]))
        self.assertEqual(models["cdc"].cut.device_bytes.shape, (2, 5))
        self.assertIsNone(models["cdc"].cut.thresholds)
        self.assertIsNone(models["lop"].cut.front)

    def test_other_models_are_not_cut(self):
        sample.build(self.path, runs=1)
        self.assertTrue(all(model.cut is None for e in results.read(self.path).experiments for model in e.models))
        self.assertNotIn("Cut networks", self.report())
        self.assertEqual([name for name in os.listdir(os.path.join(self.folder, "r-report")) if name.startswith("partition")], [])

    def test_the_front_is_the_plain_definition(self):
        for seed in range(40):
            random = np.random.RandomState(seed)
            size, accuracy = random.randint(1, 9, 12), random.randint(0, 6, 12) / 5
            accuracy[random.randint(0, 12, 2)] = np.nan
            plain = [not math.isnan(accuracy[i]) and not any(size[j] <= size[i] and accuracy[j] >= accuracy[i]
                                                            and (size[j] < size[i] or accuracy[j] > accuracy[i]) for j in range(12)) for i in range(12)]
            self.assertEqual(partition.on_front(size, accuracy).tolist(), plain)
        self.assertEqual(partition.on_front(np.array([3]), np.array([np.nan])).tolist(), [False])

    def test_numbers_that_cannot_be_right_make_a_file_invalid(self):
        for name, index, value, words in (("robustdice/partition/held", (1, 0), 63, "robustdice/partition/held: fewer"),
                                          ("robustdice/partition/held", (0, 2), 1025, "robustdice/partition/held: fewer"),
                                          ("lop/partition/held", (0, 1), 193, "lop/partition/held: fewer"),
                                          ("replicated/partition/held", (0, 1), 767, "replicated/partition/held: fewer"),
                                          ("cdc/partition/device_bytes", (0, 4), 0, "cdc/partition/device_bytes: nothing"),
                                          ("lop/partition/device_bytes", (1, 1), 4_000_001, "lop/partition/device_bytes: nothing"),
                                          ("robustdice/front/on_front", 3, 1, "robustdice/front/on_front: is not the Pareto front")):
            sample_partition.build(self.path)
            self.edit(lambda f, name=name, index=index, value=value: f[MODELS + name].__setitem__(index, value))
            self.assertIn("!! INVALID: cifar10/" + words, self.report(code=3), name)

    def test_numbers_that_figures_are_made_of_are_bad_input(self):
        def fewer_devices(file):
            file[MODELS + "lop"].attrs["devices"] = 3
            words = dict(file[MODELS + "lop/partition/device_bytes"].attrs)
            scale = file["experiments/cifar10/scales/run"]
            del file[MODELS + "lop/partition/device_bytes"]
            table = file[MODELS + "lop/partition"].create_dataset("device_bytes", (2, 3), "i8")
            table.attrs.update({name: words[name] for name in ("units", "long_name")})
            table.dims[0].attach_scale(scale)

        for change, words in ((fewer_devices, "lop@devices: 3 (allowed: 4)"),
                              (lambda f: f[MODELS + "lop"].attrs.create("network_bytes", 0), "lop@network_bytes: 0 (allowed: 1 to "),
                              (lambda f: f[MODELS + "lop/partition/neurons"].__setitem__(1, 0), "lop/partition/neurons: 0 (allowed: 1 to "),
                              (lambda f: f[MODELS + "robustdice/front"].attrs.create("failed", 5), "robustdice/front@failed: 5 (allowed: 0 to 4)")):
            sample_partition.build(self.path)
            self.edit(change)
            code, out, err = program.call(report.main, self.path)
            self.assertEqual((code, out, err.count("\n")), (2, "", 1), err)
            self.assertIn(words, err)


class Report(Case):
    def test_text_is_the_stored_one(self):
        sample_partition.build(self.path)
        self.report()
        for stem in STEMS:
            with open(os.path.join(sample.HERE, "golden", stem + ".txt"), encoding="utf-8") as stream:
                self.assertEqual(self.stored(stem + ".txt"), stream.read())

    def test_accuracies_are_those_of_the_counts(self):
        sample_partition.build(self.path, runs=3)
        self.report()
        rows = self.read_csv("partition_failed_devices")
        self.assertEqual(len(rows), 6 * 5)
        with h5py.File(self.path, "r") as file:
            for row in rows:
                k, correct = int(row["failed_devices"]), file[f"{MODELS}{row['model']}/correct"][()]
                chosen = [c for c in range(16) if bin(c).count("1") == 4 - k]
                table = correct[:, chosen] / 2000 if k < 4 else np.full((3, 1), .1)
                self.assertEqual(int(row["combinations"]), len(chosen))
                for word, value in (("best", table.max(axis=1)), ("mean", table.mean(axis=1)), ("worst", table.min(axis=1))):
                    self.assertAlmostEqual(float(row[word]), np.mean(value), places=12)
                size = file[f"{MODELS}{row['model']}/partition/device_bytes"][()].max(axis=1).mean()
                self.assertEqual((float(row["largest_device_bytes"]), float(row["saved"])), (size, 1 - size / 4_000_000))

    def test_scores_only_where_they_differ(self):
        self.read(models=("robustdice", "lop"))
        self.assertNotIn("Importance scores", self.report())
        self.read()
        self.report()
        rows = self.read_csv("partition_scores")
        self.assertEqual([(row["model"], row["scores"], row["failed_devices"]) for row in rows],
                         [("robustdice_s1", "s1", str(k)) for k in range(5)] + [("robustdice", "s1 s2 s3", str(k)) for k in range(5)])
        means = {(row["model"], row["failed_devices"]): row["mean"] for row in self.read_csv("partition_failed_devices")}
        self.assertEqual([row["mean"] for row in rows], [means[row["model"], row["failed_devices"]] for row in rows])

    def test_layers_and_points_are_all_in_the_csv(self):
        self.read()
        self.report()
        rows = self.read_csv("partition_layers")
        self.assertEqual(len(rows), 18)
        self.assertEqual([rows[1][name] for name in ("model", "layer", "neurons", "held", "copies", "threshold")],
                         ["robustdice", "features.3", "192", "288.0", "1.5", "1.0"])
        points = self.read_csv("partition_front")
        self.assertEqual(len(points), 12)
        self.assertEqual([(p["threshold"], p["accuracy"], p["on_front"]) for p in points[3:6]], [("1.5", "0.7", "0"), ("", "", "0"), ("3.0", "0.45", "1")])

    def test_without_a_search_there_is_no_front(self):
        self.read(front=False)
        self.report(forms="png")
        names = os.listdir(os.path.join(self.folder, "r-report"))
        self.assertIn("partition_failed_devices.png", names)
        self.assertFalse(any("front" in name for name in names))

    def test_a_long_front_ends_with_a_word(self):
        def lengthen(file):
            group = file[MODELS + "robustdice/front"]
            for name, values in (("thresholds", np.arange(70.)), ("bytes", np.arange(70) + 1), ("accuracy", np.arange(70) / 100),
                                 ("on_front", np.ones(70, dtype=np.uint8))):
                words = dict(group[name].attrs)
                del group[name]
                group[name] = values
                group[name].attrs.update(words)
        self.read()
        self.edit(lengthen)
        self.assertIn("CIFAR-10, RobustDiCE: 10 more points of the front in the CSV.", self.report())
        self.assertEqual(len(self.read_csv("partition_front")), 76)

    def test_synthetic_and_unfinished_are_said(self):
        self.read(origin="synthetic", runs=3, finished=1)
        self.report(forms="svg")
        for stem in STEMS:
            for form in ("txt", "csv", "tex"):
                content = self.stored(f"{stem}.{form}")
                self.assertIn("INCOMPLETE", content)
                self.assertIn("synthetic", content.lower())
        for stem in ("partition_failed_devices", "partition_front", "partition_layers"):
            self.assertIn("synthetic", self.stored(stem + ".svg").lower())

    def test_nothing_finished_yet(self):
        self.read(finished=0)
        self.assertNotIn("Cut networks", self.report(forms="png"))

    def test_beside_another_kind_of_experiment(self):
        sample.build(self.path, experiments=("health",), runs=2)
        other = sample_partition.build(os.path.join(self.folder, "other.h5"))
        with h5py.File(other, "r") as source, h5py.File(self.path, "r+") as file:
            source.copy("experiments/cifar10", file["experiments"])
        content = results.read(self.path)
        self.assertEqual([e.name for e in partition_tables.experiments(content)], ["cifar10"])
        self.assertEqual(len(partition_figures.failed_devices(partition_figures.cut_only(content)).axes), 1)
        self.assertIn("Health", self.report())


class Figures(Case):
    def draw(self, name, **how):
        content = self.read(**how)
        return content.experiments[0], dict(partition_figures.all_figures(content))[name](content)

    def test_bars_are_means_and_whiskers_best_and_worst(self):
        experiment, figure = self.draw("partition_failed_devices")
        panel = figure.axes[0]
        curves = [100 * partition_tables.curves(experiment, model)[:, 1:4] for model in experiment.models]
        bars = [bar for group in panel.containers if hasattr(group, "patches") for bar in group.patches]
        np.testing.assert_allclose([bar.get_height() for bar in bars], np.concatenate([mean for _, mean, _ in curves]))
        whiskers = [segment for group in panel.containers if hasattr(group, "has_yerr") for segment in group.lines[2][0].get_segments()]
        np.testing.assert_allclose([(low[1], high[1]) for low, high in whiskers], np.concatenate([np.stack([worst, best], 1) for best, _, worst in curves]))
        self.assertEqual([tick.get_text() for tick in panel.get_xticklabels()], ["1 failed", "2 failed", "3 failed"])
        dashed = [float(line.get_ydata()[0]) for line in panel.get_lines() if line.get_linestyle() == "--"]
        np.testing.assert_allclose(sorted(dashed), [10, 80])
        self.assertIn("no failure\n80.0 %", [text.get_text() for text in panel.texts])

    def test_networks_that_differ_have_lines_of_their_own(self):
        content = self.read()
        content.experiments[0].models[0].accuracy[:, -1] = .85
        panel = dict(partition_figures.all_figures(content))["partition_failed_devices"](content).axes[0]
        dashed = [float(line.get_ydata()[0]) for line in panel.get_lines() if line.get_linestyle() == "--"]
        np.testing.assert_allclose(sorted(dashed), [10, 80, 85])
        self.assertIn("no failure\n80.0 to\n85.0 %", [text.get_text() for text in panel.texts])

    def test_the_front_and_its_baselines(self):
        experiment, figure = self.draw("partition_front")
        panel, points = figure.axes[0], sample_partition.points()
        self.assertEqual(panel.get_title(loc="left"), "CIFAR-10, 2 of 4 failed")
        lines = [line for line in panel.get_lines() if line.get_drawstyle() == "steps-post"]
        self.assertEqual(len(lines), 2)
        np.testing.assert_allclose(lines[0].get_xdata(), [1, 2.1, 3, 4])
        np.testing.assert_allclose(lines[0].get_ydata(), [45, 72, 78, 80])
        dots = [line for line in panel.get_lines() if line.get_marker() == "."]
        self.assertEqual([len(line.get_xdata()) for line in dots], [int(np.isfinite(points["accuracy"]).sum())] * 2)
        marks = [line for line in panel.get_lines() if line.get_markersize() == 10]
        expected = [(model.cut.largest / 1e6, 100 * partition_tables.curves(experiment, model)[1][2]) for model in experiment.models]
        np.testing.assert_allclose([(float(line.get_xdata()[0]), float(line.get_ydata()[0])) for line in marks], expected)

    def test_searches_for_other_failures_have_panels_of_their_own(self):
        self.read()
        self.edit(lambda f: f[MODELS + "robustdice_s1/front"].attrs.create("failed", 1))
        content = results.read(self.path)
        figure = dict(partition_figures.all_figures(content))["partition_front"](content)
        self.assertEqual([panel.get_title(loc="left") for panel in figure.axes], ["CIFAR-10, 1 of 4 failed", "CIFAR-10, 2 of 4 failed"])
        for panel in figure.axes:
            self.assertEqual(sum(line.get_drawstyle() == "steps-post" for line in panel.get_lines()), 1)

    def test_copies_by_layer(self):
        experiment, figure = self.draw("partition_layers")
        for line, model in zip(figure.axes[0].get_lines(), experiment.models):
            np.testing.assert_allclose(line.get_ydata(), model.cut.copies)

    def test_more_than_eight_models_are_told_apart(self):
        self.assertEqual(len({figures.look(i) for i in range(24)}), 24)
        for i in range(8):
            self.assertEqual(figures.look(i), (figures.COLOURS[i], figures.HATCHES[i], figures.MARKERS[i]))

    def test_nothing_is_cut_off_and_bytes_are_the_same(self):
        for how in ({}, {"runs": 3, "finished": 1, "origin": "synthetic"}, {"models": ("robustdice",)}):
            content = self.read(**how)
            for name, draw in partition_figures.all_figures(content):
                figure = draw(content)
                figure.canvas.draw()
                renderer, (width, height) = figure.canvas.get_renderer(), figure.bbox.size
                for text in figure.findobj(lambda artist: hasattr(artist, "get_text") and artist.get_text() and artist.get_visible()):
                    box = text.get_window_extent(renderer)
                    ticks = [tick for panel in figure.axes for tick in panel.get_xticklabels() + panel.get_yticklabels()]
                    self.assertTrue(text in ticks or -1 <= box.x0 and box.x1 <= width + 1 and -1 <= box.y0 and box.y1 <= height + 1,
                                    f"{name}: {text.get_text()}")
                if not how:
                    self.assertEqual(figures.render(draw, content, "png"), figures.render(draw, content, "png"), name)


class Compare(Case):
    def test_partitions_are_results(self):
        other = os.path.join(self.folder, "b.h5")
        for name, at, value, words in ((MODELS + "lop/partition/held", (1, 2), 9, "lop/partition/held [run 1, layer 2]: 256 against 9"),
                                       (MODELS + "cdc/partition/device_bytes", (0, 4), 5, "cdc/partition/device_bytes [run 0, device 4]: 996000 against 5"),
                                       (MODELS + "robustdice/front/bytes", 2, 5, "robustdice/front/bytes [point 2]: 2100000 against 5")):
            sample_partition.build(self.path)
            sample_partition.build(other)
            self.assertEqual(program.call(compare.main, self.path, other)[0], 0)
            with h5py.File(other, "r+") as file:
                file[name][at] = value
            code, out, _ = program.call(compare.main, self.path, other)
            self.assertEqual(code, 1)
            self.assertIn(words, out)
            self.assertEqual(program.call(compare.main, self.path, other, "--table", "correct")[0], 0)
            self.assertEqual(program.call(compare.main, self.path, other, "--table", "partition", "front")[0], 1)


if __name__ == "__main__":
    unittest.main()
