"""deepfog infer, nobody killed: every combination through real ranks, scenarios, the timeout study, what is left in the file."""
import csv
import os
import re
import unittest

import h5py
import numpy as np

from infer_harness import CALM, FIVE, NODES, SAMPLES, THREE, InferTest, Measured, postprocess
from network_oracle import Oracle, labels_and_margin

TIE = 1e-4  # scores so near each other that single precision may see them the other way round


def result_lines(text):
    """RESULT lines as dictionaries."""
    return [dict(word.split("=", 1) for word in line.split()[1:]) for line in text.splitlines() if line.startswith("RESULT ")]


class InferenceTest(InferTest):
    def run_to_results(self, weights, output, *options, groups=1, recovery=True):
        done = self.infer(weights, "--output", output, *CALM, *options, groups=groups, recovery=recovery)
        if not recovery:
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        measured = self.read(output, said=done.stdout + done.stderr)
        self.assertEqual(measured.ending, "complete", done.stderr)
        return measured, result_lines(done.stdout), done

    def assert_answers_of_the_network(self, measured, weights, planned=True):
        """Each prediction is what the oracle computes over the links that were used; in a plan, over those that should be."""
        oracle = Oracle(self.path(weights), self.path("data", "sensors.h5"))
        np.testing.assert_array_equal(oracle.labels, measured["labels"])
        rows, compared = measured.rows_of_rounds(), 0
        scores = {}
        for i in range(len(measured["rounds/round"])):
            used = tuple(measured["rounds/used"][i])
            if planned:
                combination = int(measured["phases/combination"][measured["rounds/phase"][i]])
                flows = oracle.used_under(combination)
                self.assertEqual(list(used), flows if any(flows) else [0] * len(used), f"round {i}, combination {combination:b}")
            if used not in scores:
                scores[used] = oracle.scores(used)
            first, count = measured["rounds/first_sample"][i], measured["rounds/samples"][i]
            answers = measured["rounds/prediction"][rows[i]:rows[i + 1]]
            if scores[used] is None:
                self.assertTrue((answers == -1).all())
                continue
            labels, margin = labels_and_margin(scores[used][first:first + count])
            clear = margin > TIE
            np.testing.assert_array_equal(answers[clear], labels[clear], f"round {i}")
            compared += int(clear.sum())
        self.assertGreater(compared, 0)
        return compared

    def assert_counts_of_the_campaign(self, measured, experiment, allowed):
        """Correct answers a combination, as the campaign counted them without any ranks."""
        with h5py.File(self.path("nets.h5")) as file:
            group = file["experiments"][experiment]["models/plain"]
            correct, flow = group["correct"][0], group["flow"][()]
        for phase, combination in enumerate(measured["phases/combination"]):
            own = measured["rounds/correct"][measured["rounds/phase"] == phase].sum()
            if flow[combination]:
                self.assertLessEqual(abs(int(own) - int(correct[combination])), allowed, measured["phases/name"][phase])
            else:
                self.assertEqual(own, 0)

    def test_every_combination_gives_the_simulated_networks_answers(self):
        measured, lines, done = self.run_to_results(THREE, "one.h5", "--failures", "all", "--check", "--batch", "16")
        self.assertEqual(sorted(measured["phases/combination"]), [0, 1, 2, 3])
        self.assert_every_sample(measured, phases=4)
        self.assertEqual(measured.attributes["rounds_off_plan"], 0)
        self.assertEqual(measured.attributes["unequal_rounds"], 0)
        self.assertEqual(measured.attributes["rounds_off_plan"], 0)
        self.assertEqual(measured.attributes["checked_rounds"], 4 * 13)
        compared = self.assert_answers_of_the_network(measured, THREE)
        self.assert_counts_of_the_campaign(measured, "three", allowed=3 * SAMPLES - compared)
        self.assertEqual(len(lines), 5)
        self.assertEqual((lines[-1]["unequal"], lines[-1]["ending"], lines[-1]["valid"]), ("0", "complete", "1"))
        self.assertIn("52 answers held against the simulated network, 0 differ", done.stdout)
        # Once more: other latencies, the same answers.
        self.run_to_results(THREE, "two.h5", "--failures", "all", "--batch", "16")
        text = postprocess(self, "compare.py", "one.h5", "two.h5", "--table", "rounds/prediction", "rounds/correct")
        self.assertIn("EQUAL: 2 tables", text)

    def test_sixteen_combinations_in_two_groups(self):
        measured, lines, _ = self.run_to_results(FIVE, "groups.h5", "--failures", "all", "--check", "--batch", "32", groups=2)
        self.assertEqual(sorted(measured["phases/combination"]), list(range(16)))
        self.assertEqual(set(measured["rounds/group"]), {0, 1})
        for group in (0, 1):
            self.assertEqual(len(set(measured["rounds/phase"][measured["rounds/group"] == group])), 8)
        self.assert_every_sample(measured, phases=16)
        self.assertEqual(lines[-1]["unequal"], "0")
        compared = self.assert_answers_of_the_network(measured, FIVE)
        flowing = sum(Oracle.scores(*self.under(i)) is not None for i in range(16))
        self.assert_counts_of_the_campaign(measured, "five", allowed=flowing * SAMPLES - compared)

    def under(self, combination):
        oracle = Oracle(self.path(FIVE), self.path("data", "sensors.h5"))
        return oracle, oracle.used_under(combination)

    def test_frames_of_one_group_are_shared_by_two(self):
        """A single phase: its frames, not its phases, go to the groups in turn; the last one is smaller."""
        measured, _, _ = self.run_to_results(THREE, "shared.h5", "--batch", "64", "--failures", "middle", groups=2)
        self.assert_every_sample(measured)
        shares = [list(measured["rounds/samples"][measured["rounds/group"] == group]) for group in (0, 1)]
        self.assertEqual(shares, [[64, 64], [64, 8]])
        self.assert_answers_of_the_network(measured, THREE)

    def test_single_stream_has_the_raw_latencies(self):
        measured, lines, _ = self.run_to_results(THREE, "stream.h5", recovery=False)  # also without the recovery launch
        self.assert_every_sample(measured)
        self.assertEqual(measured.attributes["depth"], 1)
        latency, arrival = measured["rounds/latency_us"], measured["rounds/arrival_us"]
        self.assertEqual(len(latency), SAMPLES)
        self.assertTrue((latency >= 0).all() and (np.diff(arrival) >= 0).all())
        self.assertTrue((arrival[1:] >= arrival[:-1] + latency[:-1] - 1).all(), "one frame at a time")
        line = lines[-1]
        for key, share in (("p50_us", 0.5), ("p90_us", 0.9), ("p99_us", 0.99)):
            self.assertAlmostEqual(float(line[key]), np.quantile(latency, share), delta=0.06)
        self.assertEqual(set(measured["nodes/reported"]), {1})
        self.assertTrue((measured["nodes/resident_bytes"] > 1e6).all())
        self.assert_bytes_add_up(measured)
        self.assertEqual(sorted(measured["hops/link"]), ["middle->server", "near->middle", "near->server"])
        self.assertTrue((measured["hops/half_round_trip_us"] > 0).all())

    def assert_bytes_add_up(self, measured):
        """Every message is counted with header and elements: 16 floats on each of the three links between nodes."""
        header = measured.attributes["header_bytes"]
        for row, name in enumerate(measured["links/link"]):
            messages, phis = measured["links/messages"][row], measured["links/phis"][row]
            if measured["links/local"][row]:
                self.assertEqual((messages, phis), (0, 0), name)
                continue
            self.assertLessEqual(messages + phis, SAMPLES)
            self.assertEqual(measured["links/bytes_predicted"][row], messages * 64, name)
            self.assertEqual(measured["links/bytes_measured"][row], messages * 64 + (messages + phis) * header, name)
            self.assertLessEqual(measured["links/arrived"][row] + measured["links/late"][row], messages + phis)

    def test_offline_keeps_several_frames_in_flight(self):
        measured, lines, _ = self.run_to_results(THREE, "offline.h5", "--scenario", "offline", "--depth", "5", "--batch", "7", "--check")
        self.assert_every_sample(measured)
        self.assertEqual((measured.attributes["depth"], measured.attributes["scenario"]), (5, "offline"))
        self.assertEqual(sorted(measured["rounds/samples"])[:2], [200 % 7, 7])  # the last frame is what is left
        begun, ended = measured["rounds/arrival_us"], measured["rounds/arrival_us"] + measured["rounds/latency_us"]
        flying = [int(((begun <= time) & (ended > time)).sum()) for time in begun]
        self.assertGreater(max(flying), 1)
        self.assertLessEqual(max(flying), 6)  # one of them may have ended within the microsecond
        self.assertEqual(lines[-1]["unequal"], "0")
        self.assertGreater(float(lines[-1]["samples_per_second"]), 0)

    def test_server_takes_frames_as_they_come(self):
        measured, lines, _ = self.run_to_results(THREE, "server.h5", "--scenario", "server", "--rate", "400", "--seed", "5")
        again, _, _ = self.run_to_results(THREE, "server2.h5", "--scenario", "server", "--rate", "400", "--seed", "5")
        self.assert_every_sample(measured)
        gaps = np.diff(np.sort(measured["rounds/arrival_us"]))
        # 199 exponential gaps of 2500 us: their mean is within 40 % with a chance beyond 1e-7.
        self.assertGreater(gaps.mean(), 1500)
        self.assertLess(gaps.mean(), 3500)
        self.assertGreater(gaps.std(), 1000)
        np.testing.assert_array_equal(gaps, np.diff(np.sort(again["rounds/arrival_us"])))  # the seed's, not the machine's
        self.assertEqual((lines[-1]["scenario"], measured.attributes["rate"]), ("server", 400))

    def test_timeout_study_with_its_report(self):
        options = ("--timeout", "100us..10ms", "--variants", "none,near,script", "--samples", "40", "--check",
                   "--fail", "slow middle rounds 0.. by 2ms", "--fail", "lose near->server rounds 0.. with .5")
        measured, lines, _ = self.run_to_results(THREE, "study.h5", *options)
        names = [f"{variant}@{time}" for variant in ("no failure", "near dead", "script") for time in ("100us", "300us", "1ms", "3ms", "10ms")]
        self.assertEqual(measured["phases/name"], names)
        self.assertEqual(list(measured["phases/script"]), [0] * 10 + [1] * 5)
        self.assert_every_sample(measured, phases=15)
        self.assertEqual(lines[-1]["unequal"], "0")
        self.assertEqual([line.get("phase") for line in lines[:-1]], [name.replace(" ", "_") for name in names])
        given_up = measured["rounds/timed_out"].any(axis=1)
        links = list(measured["topology/links"])
        for phase, timeout in enumerate(measured["phases/timeout_us"]):
            rounds = measured["rounds/phase"] == phase
            if names[phase].startswith("near dead"):  # nobody is suspected: every round pays its deadline
                self.assertTrue(given_up[rounds].all(), names[phase])
                self.assertGreaterEqual(measured["rounds/latency_us"][rounds].min(), timeout)
            if names[phase] == "script@100us":  # a stage of 2 ms is too slow for it
                used = measured["rounds/used"][rounds][:, links.index("middle->server")]
                self.assertLess(used.sum(), 20)  # of 40: none, unless the server itself was kept from its core
        losses = measured["links/lost"][measured["links/link"].index("near->server")]
        self.assertTrue(0 < losses < 200, losses)
        text = postprocess(self, "report.py", "study.h5", "--paths-only")
        paths = [word for word in text.split() if os.path.exists(self.path(word))]
        self.assertLessEqual({".csv", ".tex", ".png", ".pdf"}, {os.path.splitext(path)[1] for path in paths}, text)
        tables = [path for path in paths if path.endswith(".csv")]
        self.assertTrue(any("near dead@3ms" in self.text_of(path) or "3000" in self.text_of(path) for path in tables), tables)
        for path in tables:
            with open(self.path(path), encoding="utf-8") as file:
                self.assertGreater(len(list(csv.reader(file))), 1, path)

    def text_of(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def test_adaptive_timeouts_and_a_script_from_a_file(self):
        self.write("story.txt", "seed 3\nsilence near rounds 20..39\ndelay middle->server rounds 60..79 by 1ms with .5\n")
        measured, _, _ = self.run_to_results(THREE, "adaptive.h5", "--adaptive", "true", "--script", "story.txt", "--check", "--samples", "100")
        self.assertEqual((measured.attributes["timeouts"], measured.attributes["unequal_rounds"]), ("adaptive", 0))
        self.assertEqual(len(measured["rounds/round"]), 100)
        links = list(measured["topology/links"])
        quiet = (measured["rounds/round"] >= 20) & (measured["rounds/round"] < 40)
        self.assertEqual(measured["rounds/used"][quiet][:, links.index("near->server")].sum(), 0)
        self.assertIn("silence near rounds 20..39", measured["script"])
        spread = measured["rounds/first_sample"]
        self.assertEqual((len(set(spread)), measured.attributes["stride"]), (100, 2))  # every second row of the 200

    def test_other_data_and_a_config_file(self):
        """The config's section takes what the options take; they win."""
        self.make_data("others", "--sources", "left:4,right:6", "--classes", "3", "--samples", "500", "--seed", "9")
        self.write("infer.ini", f"[inference]\nweights = {THREE}\ndataset = others\noutput = ini.h5\nname = mine\nbatch = 8\ncheck = true\n")
        done = self.infer(THREE, "--config", "infer.ini", "--batch", "10", *CALM)
        self.assertEqual(self.read("ini.h5", said=done.stdout + done.stderr, name="mine").attributes["batch"], 10)
        self.assertIn("RESULT inference=mine ", done.stdout)

    def read(self, output, valid=True, said="", name="inference"):
        if name == "inference":
            return super().read(output, valid, said)
        self.assertTrue(os.path.exists(self.path(output)), said)
        return Measured(self.path(output), name)

    def test_plan_and_ranks_are_told_without_running(self):
        before = self.files()
        calls = [("--print-ranks",), ("--dry-run", "--failures", "all"), ("--print-config", "--batch", "9")]
        texts = [self.run_well("infer", "--weights", FIVE, *words).stdout for words in calls]
        self.assertEqual(texts[0], f"{len(NODES[FIVE])}\n")
        self.assertIn("five.plain: 5 ranks a group, 16 phases of 200 samples in frames of 1\n  all alive\n  a dead\n", texts[1])
        self.assertRegex(texts[2], r"(?m)^batch = 9 +# --batch$")
        self.write("printed.ini", texts[2])
        again = self.run_well("infer", "--config", "printed.ini", "--print-config").stdout
        self.assertEqual(*(re.sub(r" +# .*", "", text) for text in (texts[2], again)))
        self.assertEqual([name for name in self.files() if name != "printed.ini"], before)


if __name__ == "__main__":
    unittest.main()
