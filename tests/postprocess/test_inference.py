"""Distributed runs: read, checked, tabled, drawn and compared; files that hold only them, or runs that ended before their first round."""
import os
import unittest
from unittest import mock

import h5py
import numpy as np

import program
from report_case import ReportCase
import sample
import sample_inference
import compare
import figures
import inference
import inference_figures
import inference_tables
import report
import results
import schema

ROUNDS = "inference/study/rounds"
STEMS = ("inference_latency", "inference_links", "inference_nodes", "inference_membership")


class Case(ReportCase):
    def read(self, **how):
        return results.read(sample_inference.build(self.path, **how))


class Layout(Case):
    def test_good_and_every_entry_missed(self):
        sample_inference.build(self.path)
        with h5py.File(self.path, "r+") as file:
            self.assertEqual(schema.check(file), [])
            group = file["inference/study"]
            for entry in (e for e in schema.ENTRIES if e.path.startswith(schema.INFERENCE) and e.need == "required"):
                name = entry.path[len(schema.INFERENCE) + 1:]
                place = group.attrs if entry.kind == "attribute" else group
                kept = place[name] if entry.kind == "attribute" else file.copy(group[name], "kept") or file["kept"]
                del place[name]
                self.assertEqual([line for line in schema.check(file) if "is missing" in line],
                                 [f"{'attribute' if entry.kind == 'attribute' else 'table'} /inference/study/{name} is missing"])
                if entry.kind == "attribute":
                    place[name] = kept
                else:
                    file.move("kept", f"inference/study/{name}")
            self.assertEqual(schema.check(file), [])

    def test_departures_are_named(self):
        for change, words in ((lambda f: f.__delitem__(f"{ROUNDS}/latency_us"), "latency_us is missing"),
                              (lambda f: f[f"{ROUNDS}/latency_us"].attrs.__delitem__("units"), "latency_us has no attribute units"),
                              (lambda f: f["inference/study"].attrs.create("ending", np.bytes_("over")), "allowed are complete, last node died, interrupted"),
                              (lambda f: f["inference/study"].attrs.create("data_origin", np.bytes_("dreamt")), "allowed are real, synthetic"),
                              (lambda f: f.create_dataset("inference/x", data=1), "/inference/x is not a group"),
                              (lambda f: (f.pop("inference"), f.create_dataset("inference", data=1)), "/inference is not a group"),
                              (lambda f: f.pop("experiments"), "/experiments is missing or empty"),
                              (lambda f: f.pop("inference"), "/experiments is missing or empty")):
            sample_inference.build(self.path)
            with h5py.File(self.path, "r+") as file:
                change(file)
                self.assertIn(words, "; ".join(schema.check(file)))

    def test_other_sizes_are_named(self):
        for name, values, words in (("rounds/used", np.zeros((9, 7), dtype=np.uint8), "has shape (9, 7), expected (240, 7)"),
                                    ("phases/timeout_us", np.zeros(3), "has shape (3,), expected (12,)"),
                                    ("phases/combination", np.zeros(12, dtype=np.int64), "has type int64, expected uint64"),
                                    ("nodes/energy_j", np.zeros(1), "has shape (1,), expected (4,)"),
                                    ("hops/link", np.zeros(5), "has type float64, expected string")):
            sample_inference.build(self.path)
            with h5py.File(self.path, "r+") as file:
                del file[f"inference/study/{name}"]
                sample_inference.table(file["inference/study"], name, values)
                self.assertEqual(schema.check(file), [f"table /inference/study/{name} {words}"])


class Reading(Case):
    def test_figures_are_those_of_the_rounds(self):
        run = self.read(rounds=15).inference[0]
        with h5py.File(self.path, "r") as file:
            phase, latency, arrival = (file[f"{ROUNDS}/{name}"][()] for name in ("phase", "latency_us", "arrival_us"))
            correct, prediction = file[f"{ROUNDS}/correct"][()], file[f"{ROUNDS}/prediction"][()].reshape(-1, sample_inference.FRAME)
            timed_out = file[f"{ROUNDS}/timed_out"][()]
        for number in range(12):
            mine = phase == number
            rounds, rate, p50, p90, p99, mean, accuracy, share = inference_tables.phase_figures(run, run.of_phases([number]))
            ordered = np.sort(latency[mine])
            self.assertEqual((rounds, p50), (15, ordered[7]))
            self.assertAlmostEqual(p90, ordered[12] + .6 * (ordered[13] - ordered[12]))
            self.assertAlmostEqual(p99, ordered[13] + .86 * (ordered[14] - ordered[13]))
            self.assertAlmostEqual(mean, sum(ordered) / 15)
            self.assertAlmostEqual(rate, 15e6 / (arrival[mine][-1] + latency[mine][-1] - arrival[mine][0]))
            self.assertAlmostEqual(accuracy, (correct[mine].sum() + (prediction[mine] == -1).sum() / 12) / 60)
            self.assertAlmostEqual(share, np.mean([row.sum() > 0 for row in timed_out[mine]]))

    def test_a_guess_counts_with_its_expectation(self):
        run = self.read(variants=("e1 dead", "cloud dead"), timeouts=(100,), rounds=5).inference[0]
        self.assertEqual(run.guessed.tolist(), [0] * 5 + [sample_inference.FRAME] * 5)
        self.assertAlmostEqual(run.accuracy(run.of_phases([1])), 1 / 12)
        self.assertGreater(run.accuracy(run.of_phases([0])), .5)

    def test_groups_of_ranks_work_side_by_side(self):
        run = self.read(variants=("no failure",), timeouts=(1000, 1000.0), rounds=10, groups=2).inference[0]
        rates = [run.frames_per_second(run.of_phases([number])) for number in range(2)]
        self.assertAlmostEqual(run.frames_per_second(np.ones(20, dtype=bool)), sum(rates))

    def test_indexes_that_lead_nowhere_are_bad_input(self):
        for name, row, value, words in (("rounds/phase", 3, 12, "phase: row 3: 12, allowed are 0 to 11"),
                                        ("rounds/group", 0, -1, "group: row 0: -1, allowed are 0 to 0"),
                                        ("membership/group", 1, 1, "group: row 1: 1, allowed are 0 to 0"),
                                        ("rounds/first_sample", 2, -4, "first_sample: row 2: -4, allowed are 0 to 400"),
                                        ("rounds/samples", 1, 0, "samples: row 1: 0, allowed are 1 to 396"),
                                        ("rounds/samples", 1, 2 ** 62, "samples: row 1: 4611686018427387904, allowed are 1 to 396"),
                                        ("rounds/samples", 1, 5, "prediction: 960 values, the rounds have 961 samples")):
            sample_inference.build(self.path)
            self.edit(lambda f, name=name, row=row, value=value: f[f"inference/study/{name}"].__setitem__(row, value))
            code, out, err = program.call(report.main, self.path)
            self.assertEqual((code, out, err.count("\n")), (2, "", 1), err)
            self.assertIn(words, err)

    def test_numbers_that_cannot_be_right_make_a_file_invalid(self):
        for name, row, value, words in (("latency_us", 0, np.nan, "latency_us: not finite"), ("latency_us", 0, -1, "latency_us: not finite"),
                                        ("prediction", 0, 12, "prediction: outside -1..11"), ("prediction", 0, -1, "prediction: -1 for a part"),
                                        ("correct", 5, 99, "correct: is not the count"), ("timed_out", (239, 0), 1, "timed_out: hyperconnections")):
            sample_inference.build(self.path)
            self.edit(lambda f, name=name, row=row, value=value: f[f"{ROUNDS}/{name}"].__setitem__(row, value))
            out = self.report(code=3, forms="svg" if name == "latency_us" else "")
            self.assertIn("!! INVALID: inference/study/rounds/" + words, out)


class Report(Case):
    def test_a_file_of_both_and_a_file_of_inference_alone(self):
        sample_inference.build(self.path, experiments=("health",), rounds=3)
        out = self.report(forms="png,pdf")
        files = os.listdir(os.path.join(self.folder, "r-report"))
        for stem in ("fig3_average_accuracy", "overview", *STEMS):
            self.assertIn(stem + ".csv", files)
        for stem in ("fig3_average_accuracy", "inference_latency_study", "inference_timeouts_study", "inference_time_study"):
            for form in ("png", "pdf"):
                self.assertGreater(os.path.getsize(os.path.join(self.folder, "r-report", f"{stem}.{form}")), 5000)
        self.assertIn("Health, hazardous:", out)
        alone = os.path.join(self.folder, "alone.h5")
        sample_inference.build(alone, rounds=3)
        out = self.report(path=alone)
        self.assertIn("Results of alone.h5: complete, VALID\nDistributed run study, single stream: 36 rounds, median latency", out)
        self.assertNotIn("Table 1", out)

    def test_experiments_alone_say_nothing_of_inference(self):
        sample.build(self.path, runs=1)
        self.assertNotIn("istributed", self.report())
        self.assertEqual([name for name in os.listdir(os.path.join(self.folder, "r-report")) if name.startswith("inference")], [])

    def test_no_rounds_no_phases_no_nodes(self):
        for how in ({"done": 0}, {"variants": ()}, {"done": 0, "groups": 3}):
            sample_inference.build(self.path, ending="interrupted", transitions=False, **how)
            out = self.report(forms="png,pdf,svg")
            self.assertIn("0 rounds, nothing measured", out)
            self.assertIn("!! INCOMPLETE: distributed run study: 0 of ", out)
            self.assertIn("ending: interrupted", out)
            self.assertNotIn("nan", out)
            self.assertNotIn("inference_timeouts_study", out)
            self.assertTrue(all(" p50_us=none " in line for line in out.splitlines() if line.startswith("RESULT")))

    def test_latency_table_and_result_lines(self):
        run = self.read(rounds=4).inference[0]
        out = self.report()
        rows = self.read_csv("inference_latency")
        self.assertEqual([row["phase"] for row in rows], run.phases["name"])
        for number, row in enumerate(rows):
            expected = inference_tables.phase_figures(run, run.of_phases([number]))
            found = [float(row[name]) for name in ("rounds", "frames_per_s", "p50_us", "p90_us", "p99_us", "mean_us", "accuracy", "timed_out_share")]
            self.assertEqual(found, [float(value) for value in expected])
            self.assertEqual((row["variant"], row["settle_us"], row["file_state"]), (row["phase"].split("@")[0], "", "VALID"))
            self.assertIn(f"RESULT inference=study phase={row['phase'].replace(' ', '_')} timeout_us={float(row['timeout_us']):g} rounds=4 "
                          f"frames_per_s={float(row['frames_per_s']):.2f} p50_us={float(row['p50_us']):.1f} ", out)
        self.assertEqual(sum(line.startswith("RESULT ") for line in out.splitlines()), 13)
        self.assertRegex(out, r"\nstudy  all phases +48 ")

    def test_links_and_nodes_are_summed_over_groups(self):
        self.read(groups=2, rounds=2)
        self.edit(lambda f: (f["inference/study/nodes/reported"].__setitem__(1, 0), f["inference/study/nodes/energy_j"].__setitem__(4, np.nan)))
        out = self.report()
        counts = [row for row in self.read_csv("inference_links") if row["link"] == "e1->f2"]
        self.assertEqual([row["messages"] for row in counts], ["1001", "1008"])
        self.assertRegex(out, r"study  e1->f2 +2,009 +14 +579,040 +514,304 +2 +4 +6 +8 +0.00325\n")
        self.assertRegex(out, r"study  in->e1 +local +0 +0 +0 +0 +–\n")
        self.assertRegex(out, r"study  f1 +2 of 2 +0.800 +3.000 +6.000 +42.0 +2.50 \(1 of 2 groups\)\n")
        self.assertRegex(out, r"study  f2 +1 of 2 +0.700 +1.500 +3.000 +42.0 +2.50\n")
        self.assertIn("study: 1 of 8 nodes died or were cut off; their counts are 0.", out)

    def test_energy_is_never_made_up(self):
        self.read(energy=False, rounds=1)
        self.assertEqual(self.report().count("not available\n"), 5)
        self.assertEqual({row["energy_j"] for row in self.read_csv("inference_nodes")}, {""})

    def test_membership(self):
        self.read(rounds=2)
        out = self.report()
        self.assertEqual([(row["observer"], row["peer"], row["event"], row["round"]) for row in self.read_csv("inference_membership")],
                         [("f1", "f2", "suspected", "8"), ("cloud", "f2", "suspected", "8"), ("f1", "f2", "returned", "16"),
                          ("cloud", "f2", "returned", "16")])
        self.assertRegex(out, r"study  0 +f1 +f2 +suspected +\d\.\d{6} +1 +8\n")
        self.read(rounds=2, transitions=False)
        self.assertRegex(self.report(), r"\nstudy +none\b")

    def test_long_tables_end_with_a_word(self):
        self.read(variants=[f"combination {i}" for i in range(70)], timeouts=(100,), rounds=1)
        out = self.report()
        self.assertIn("study: 10 more phases in the CSV.", out)
        self.assertEqual(len(self.read_csv("inference_latency")), 70)

    def test_synthetic_data_is_labelled_everywhere(self):
        sample_inference.build(self.path, origin="synthetic", rounds=2)
        out = self.report(forms="png,pdf,svg")
        self.assertIn("!! SYNTHETIC DATA: inference study !!", out)
        self.assertIn("Distributed run study [SYNTHETIC DATA]", out)
        for name in os.listdir(os.path.join(self.folder, "r-report")):
            with open(os.path.join(self.folder, "r-report", name), "rb") as stream:
                self.assertIn(b"synthetic", stream.read().lower(), name)
        sample_inference.add(self.path, "true", rounds=2)
        self.assertIn("latency by phase [SYNTHETIC DATA: study]", self.report())

    def test_names_that_are_no_file_names(self):
        sample_inference.build(self.path, name="a b", rounds=1)
        sample_inference.add(self.path, "a:b", rounds=1)
        self.assertEqual([run.stem for run in results.read(self.path).inference], ["a_b", "a_b_1"])

    def test_the_same_file_gives_the_same_bytes(self):
        content = self.read(rounds=3)
        for name, draw in inference_figures.all_figures(content):
            for form in ("png", "pdf", "svg"):
                self.assertEqual(figures.render(draw, content, form), figures.render(draw, content, form), f"{name}.{form}")


class Figures(Case):
    def draw(self, name, **how):
        content = self.read(**how)
        return content, dict(inference_figures.all_figures(content))[f"inference_{name}_study"](content)

    def test_timeout_study(self):
        content, figure = self.draw("timeouts", rounds=9)
        run, (above, below) = content.inference[0], figure.axes
        lines = {line.get_label(): line for line in above.get_lines()}
        for variant, shown in zip(sample_inference.VARIANTS, below.get_lines()):
            numbers = [i for i, name in enumerate(run.phases["name"]) if name.startswith(variant + "@")]
            np.testing.assert_allclose(lines[variant].get_xdata(), sample_inference.TIMEOUTS)
            np.testing.assert_allclose(lines[variant].get_ydata(), [np.median(run.latencies(run.of_phases([i]))) for i in numbers])
            np.testing.assert_allclose(shown.get_ydata(), [100 * run.accuracy(run.of_phases([i])) for i in numbers])
        self.assertEqual({above.get_xscale(), above.get_yscale(), below.get_xscale()}, {"log"})
        self.assertEqual(above.get_xlim(), below.get_xlim())
        free, longest = inference_figures.failure_free(run)
        self.assertEqual((free, longest), (np.median(run.latencies(run.of_phases([3]))), 10000))
        self.assertTrue(any(line.get_linestyle() == "--" and set(line.get_ydata()) == {free} for line in above.get_lines()))
        self.assertEqual(len(above.collections), 3)

    def test_a_study_needs_three_timeouts_and_their_rounds(self):
        for how, wanted in (({"timeouts": (10, 100)}, False), ({"timeouts": (10, 100, 1000)}, True), ({"done": 40, "ending": "interrupted"}, False)):
            names = [name for name, _ in inference_figures.all_figures(self.read(**how))]
            self.assertEqual("inference_timeouts_study" in names, wanted, how)

    def test_no_dashed_line_where_every_phase_had_failures(self):
        content, figure = self.draw("timeouts", variants=("f2 dead",), rounds=3)
        self.assertIsNone(inference_figures.failure_free(content.inference[0]))
        self.assertEqual([text.get_text() for text in figure.axes[0].texts], [])

    def test_distribution_as_curves_and_as_bars(self):
        content, figure = self.draw("latency", timeouts=(100, 1000), rounds=8)
        run, panel = content.inference[0], figure.axes[0]
        curves = [line for line in panel.get_lines() if line.get_label() in run.phases["name"]]
        self.assertEqual(len(curves), 6)
        for number, curve in enumerate(curves):
            ordered = np.sort(run.latencies(run.of_phases([number])))
            np.testing.assert_allclose(curve.get_xdata()[1:], ordered)
            np.testing.assert_allclose(curve.get_ydata()[1:], 100 * np.arange(1, 9) / 8)
        content, figure = self.draw("latency", rounds=8)
        run = content.inference[0]
        self.assertEqual([tick.get_text() for tick in figure.axes[0].get_yticklabels()], run.phases["name"])
        for number, bar in enumerate(figure.axes[0].patches):
            low, high = np.percentile(run.latencies(run.of_phases([number])), (50, 99))
            np.testing.assert_allclose((bar.get_x(), bar.get_x() + bar.get_width()), (low, high))

    def test_many_phases_are_shown_by_what_they_share(self):
        many = [f"c{i}" for i in range(30)] + ["f1 dead", "f2 dead", "e1 dead"]
        run = self.read(variants=many, timeouts=(100, 200), rounds=1).inference[0]
        self.assertEqual([label for label, _ in inference_figures.series(run)], many)
        with mock.patch.object(inference_figures, "MOST_BARS", 20):
            shown = inference_figures.series(run)
        self.assertEqual([(label, len(values)) for label, values in shown], [("0 dead by plan", 60), ("1 dead by plan", 6)])

    def test_over_time(self):
        content, figure = self.draw("time", rounds=5)
        run, panel = content.inference[0], figure.axes[0]
        dots = [line for line in panel.get_lines() if line.get_marker() == "."]
        self.assertEqual(sum(len(line.get_xdata()) for line in dots), 60)
        np.testing.assert_allclose(np.sort(np.concatenate([line.get_ydata() for line in dots])), np.sort(run.rounds["latency_us"]))
        arrows = [(line.get_marker(), float(line.get_xdata()[0])) for line in panel.get_lines() if line.get_marker() in "v^" and len(line.get_xdata()) == 1]
        self.assertEqual(arrows, list(zip("vv^^", run.tables["membership"]["time_us"] / 1e6)))
        self.assertEqual([text.get_text() for text in panel.texts], ["f2", "f2"])

    def test_groups_have_panels_up_to_four(self):
        _, figure = self.draw("time", groups=6, rounds=2)
        self.assertEqual([panel.get_title(loc="left") for panel in figure.axes], ["group 0", "group 1", "group 2", "group 3"])
        self.assertTrue(any("2 more groups in the tables" in text.get_text() for text in figure.texts))
        self.assertEqual(len({panel.get_xlim() for panel in figure.axes}), 1)

    def test_nothing_is_cut_off(self):
        for how in ({"rounds": 3}, {"rounds": 3, "origin": "synthetic", "done": 17, "groups": 3, "ending": "last node died", "name": "study"},
                    {"done": 0, "ending": "interrupted", "transitions": False}):
            content = self.read(**how)
            for name, draw in inference_figures.all_figures(content):
                figure = draw(content)
                figure.canvas.draw()
                renderer, (width, height) = figure.canvas.get_renderer(), figure.bbox.size
                for text in figure.findobj(lambda artist: hasattr(artist, "get_text") and artist.get_text() and artist.get_visible()):
                    box = text.get_window_extent(renderer)
                    ticks = [tick for panel in figure.axes for tick in panel.get_xticklabels() + panel.get_yticklabels()]
                    self.assertTrue(text in ticks or -1 <= box.x0 and box.x1 <= width + 1 and -1 <= box.y0 and box.y1 <= height + 1,
                                    f"{name}: {text.get_text()}")


class Compare(Case):
    def compared(self, change, *arguments):
        other = os.path.join(self.folder, "b.h5")
        sample_inference.build(self.path, rounds=2)
        sample_inference.build(other, rounds=2)
        with h5py.File(other, "r+") as file:
            change(file["inference/study"])
        code, out, err = program.call(compare.main, self.path, other, *arguments)
        self.assertEqual(err, "")
        return code, out

    def test_times_and_machines_do_not_count(self):
        def change(group):
            for name in ("rounds/latency_us", "rounds/arrival_us", "nodes/compute_us", "nodes/energy_j", "hops/half_round_trip_us", "membership/time_us",
                         "phases/settle_us"):
                group[name][0] = 77
            group["rounds/waited_for"][0] = -1
            group["nodes/resident_bytes"][0] = 1
        self.assertEqual(self.compared(change)[0], 0)

    def test_everything_else_does(self):
        for name, at, value, words in (("rounds/used", (3, 2), 9, "rounds/used [row 3, hyperconnection 2]"),
                                       ("rounds/prediction", 5, 99, "rounds/prediction [prediction 5]"), ("labels", 7, 99, "labels [sample 7]"),
                                       ("phases/timeout_us", 1, 5, "phases/timeout_us [phase 1]: 100.0 against 5.0"),
                                       ("phases/combination", 0, 2 ** 63, "phases/combination [phase 0]"),
                                       ("membership/event", 0, b"lost", "membership/event"), ("links/late", 6, 50, "links/late [row 6]: 1 against 50")):
            code, out = self.compared(lambda group, name=name, at=at, value=value: group[name].__setitem__(at, value))
            self.assertEqual(code, 1, name)
            self.assertIn(f"/inference/study/{words}", out)

    def test_predictions_alone_where_asked(self):
        def change(group):
            group["rounds/used"][0, 0] = 9
        self.assertEqual(self.compared(change, "--table", "rounds/prediction")[0:2], (0, "EQUAL: 1 tables within tolerance 0\n"))
        self.assertEqual(self.compared(change, "--table", "rounds/prediction", "rounds/used")[0], 1)

    def test_attributes_and_a_missing_run(self):
        self.assertIn("/inference/study/ending: complete against interrupted",
                      self.compared(lambda group: group.attrs.create("ending", np.bytes_("interrupted")))[1])
        other = sample_inference.build(os.path.join(self.folder, "c.h5"), name="another", rounds=2)
        code, out, _ = program.call(compare.main, self.path, other)
        self.assertEqual(code, 1)
        self.assertIn("/inference/another/hops/bytes: missing against present", out)


class Read(Case):
    def test_no_run_is_an_empty_list(self):
        sample.build(self.path, runs=1)
        with h5py.File(self.path, "r") as file:
            self.assertEqual(inference.read(file), [])


if __name__ == "__main__":
    unittest.main()
