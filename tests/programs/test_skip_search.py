"""The search among skip hyperconnections: what it sweeps, that it goes on and repeats nothing, what it refuses."""
import glob
import os
import re
import signal
import subprocess
import sys
import time
import unittest

import h5py
import numpy as np

from harness import LIMIT_S, PROGRAM, ROOT, ProgramTest

sys.path.insert(0, os.path.join(ROOT, "postprocess"))

# pylint: disable=wrong-import-position
import skip_families

TOPOLOGY = """\
topology three-skips
source left 4
source right 6
node near relu:16
node middle relu:16
node server relu:16 linear:3
link left -> near
link right -> near
link near -> middle
link middle -> server
link left -> middle skip
link right -> middle skip
link near -> server skip
fails near middle
"""
SKIPS = {"left->middle", "right->middle", "near->server"}


class SkipSearchTest(ProgramTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.environment["DEEPFOG_BUILD_DIR"] = os.path.dirname(PROGRAM)
        cls.write("skips.topology", TOPOLOGY)
        with open(cls.path("small.ini"), encoding="utf-8") as file:
            text = file.read()
        cls.write("skips.ini", text.replace("three-nodes.topology", "skips.topology").replace("epochs = 40", "epochs = 10"))

    def call(self, *options, config="skips.ini"):
        return [os.path.join(ROOT, "jobs", "skip_search.py"), self.path(config), "--experiment", "sensors", "--ranks", "1", *options]

    def search(self, *options, **keywords):
        return subprocess.run(self.call(*options, **keywords), capture_output=True, text=True, timeout=LIMIT_S, check=False, cwd=self.folder, env=self.environment,
                              stdin=subprocess.DEVNULL)

    def search_well(self, *options):
        done = self.search("--model", "plain", "--runs", "2", *options)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done

    def steps(self, done, search):
        return [dict(word.split("=", 1) for word in line.split()[1:]) for line in done.stdout.splitlines() if line.startswith(f"RESULT search={search} ")]

    def tables(self, folder):
        """{(skips, weights_of): average accuracies in `often`}."""
        found = {}
        for path in sorted(glob.glob(self.path(folder, "*.h5"))):
            with h5py.File(path) as file:
                self.assertEqual(int(file.attrs["valid"]), 1)
                for model in file["experiments/sensors/models"].values():
                    key = skip_families.parts(model["topology_text"][()].decode())[0], model.attrs.get("weights_of", b"").decode()
                    self.assertNotIn(key, found, "swept twice")
                    found[key] = model["average_accuracy/often"][()]
        return found

    def test_every_subset_on_the_same_weights(self):
        done = self.search_well("-o", "same", "--at-least", "0.5")
        tables = self.tables("same")
        self.assertEqual({key[0] for key in tables}, set(skip_families.subsets(SKIPS)))
        self.assertEqual([key[0] for key in tables if key[1] == ""], [SKIPS])
        added, removed = self.steps(done, "add"), self.steps(done, "remove")
        self.assertEqual([step["skips"] for step in added], ["0", "1", "2", "3"])
        self.assertEqual({step["skip"] for step in added} - {"-"}, SKIPS)
        self.assertEqual([step["skips"] for step in removed], ["3", "2", "1", "0"])
        self.assertAlmostEqual(float(added[-1]["accuracy"]), tables[frozenset(SKIPS), ""].mean(), places=6)
        kept, best = set(), -1.0
        for step in added[1:]:
            ahead = {skip: tables[frozenset(kept | {skip}), "plain" if len(kept) < 2 else ""].mean() for skip in SKIPS - kept}
            kept, best = kept | {step["skip"]}, ahead[step["skip"]]
            self.assertEqual(best, max(ahead.values()))
            self.assertAlmostEqual(float(step["accuracy"]), best, places=6)
        fewest = re.search(r"at_least=0\.5 skips=(\d) accuracy=([0-9.]+)", done.stdout)
        self.assertTrue(fewest, done.stdout)
        good = [len(key[0]) for key, values in tables.items() if values.mean() >= 0.5]
        self.assertEqual(int(fewest[1]), min(good))

    def test_retrained_is_paired_and_trains_nothing_twice(self):
        removed = self.search_well("--weights", "retrained", "--search", "remove", "-o", "anew")
        self.assertEqual(len(self.tables("anew")), 1 + 3 + 2 + 1)
        before = {path: os.stat(path).st_mtime_ns for path in glob.glob(self.path("anew", "*"))}
        again = self.search_well("--weights", "retrained", "--search", "remove", "-o", "anew")
        self.assertEqual(again.stdout, removed.stdout)
        self.assertEqual({path: os.stat(path).st_mtime_ns for path in glob.glob(self.path("anew", "*"))}, before)
        self.search_well("--weights", "retrained", "--search", "add", "-o", "anew")  # tables() would find a subset twice
        tables = self.tables("anew")
        self.assertIn((frozenset(), ""), tables)
        self.run_well("run", "--config", "skips.ini", "--output", "whole.h5", "--set", "runs=2")
        with h5py.File(self.path("whole.h5")) as file:
            np.testing.assert_array_equal(tables[frozenset(SKIPS), ""], file["experiments/sensors/models/plain/average_accuracy/often"][()])
        with h5py.File(self.path("anew", "subsets-001.h5")) as file:
            seeds = {name: model.attrs.get("seeds_of", b"").decode() for name, model in file["experiments/sensors/models"].items()}
            self.assertEqual(seeds.pop("plain"), "")
            self.assertEqual(set(seeds.values()), {"plain"})

    def test_many_skips_on_the_same_weights_step_by_step(self):
        skips = [f"{sender}->{node}" for node in ("n2", "n3", "server") for sender in ("left", "right")] + ["n1->n3", "n1->server"]
        self.write("eight.topology", "topology eight\nsource left 4\nsource right 6\n" + "".join(f"node n{place} relu:8\n" for place in (1, 2, 3))
                   + "node server linear:3\nlink left -> n1\nlink right -> n1\nlink n1 -> n2\nlink n2 -> n3\nlink n3 -> server\n"
                   + "".join(f"link {skip.replace('->', ' -> ')} skip\n" for skip in skips) + "fails n1 n3\n")
        self.write("eight.ini", "[campaign]\nname = eight\nruns = 1\nsweep_block = 64\ntrainer = fused\n[experiment.sensors]\ndataset = sensors\n"
                   "reliability.often = n1:.9 n3:.7\nepochs = 2\n[model.sensors.plain]\ntopology = eight.topology\n")
        done = self.search("--model", "plain", "--search", "remove", "-o", "eight", config="eight.ini")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        steps = self.steps(done, "remove")
        self.assertEqual([int(step["skips"]) for step in steps], list(range(8, -1, -1)))
        trained = []
        for path in sorted(glob.glob(self.path("eight", "*.h5"))):
            with h5py.File(path) as file:
                models = file["experiments/sensors/models"]
                trained.append(models["plain/correct"][()].tolist())
                self.assertEqual({model.attrs.get("weights_of", b"").decode() for name, model in models.items() if name != "plain"}, {"plain"})
        self.assertEqual(len(trained), 8)
        self.assertEqual(trained, trained[:1] * 8, "the training that is repeated is another one")

    def test_a_stopped_search_goes_on(self):
        options = ("--model", "failout", "--runs", "3", "--weights", "retrained", "--search", "remove", "-o", "stopped", "--set", "experiment.sensors.epochs=150")
        with subprocess.Popen(self.call(*options), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=self.folder, env=self.environment) as job:
            while not os.path.exists(self.path("stopped", "subsets-001.h5.journal")):
                self.assertIsNone(job.poll())
                time.sleep(0.01)
            time.sleep(0.3)
            job.send_signal(signal.SIGUSR1)
            _, err = job.communicate(timeout=LIMIT_S)
        self.assertEqual(job.returncode, 75, err)
        done = self.search(*options)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("subsets-001.ini: goes on", done.stderr)
        self.assertEqual(len(self.steps(done, "remove")), 4)
        self.assertEqual(len(self.tables("stopped")), 7)

    def test_bad_input_is_one_line(self):
        os.mkdir(self.path("full"))
        self.write("full/other.txt", "x")
        self.search_well("-o", "taken")
        cases = [(("--model", "plane"), "--model plane: not in [experiment.sensors]"),
                 (("--model", "plain", "--experiment", "sensor"), "--experiment sensor: not in"),
                 (("--model", "plain", "--setting", "oft"), "--setting oft: not in [experiment.sensors] (no_failure, often)"),
                 (("--model", "plain", "--runs", "0"), "--runs 0: a whole number from 1 allowed"),
                 (("--model", "plain", "--at-least", "70"), "--at-least 70.0: from 0 to 1 allowed"),
                 (("--model", "plain", "--search", "all"), "--search: invalid choice"),
                 (("--model", "plain", "--set", "model.sensors.plain.without_skips=left->middle right->middle near->server"), "no skip hyperconnections to search"),
                 (("--model", "plain", "-o", "full"), "full: is not empty and no search's"),
                 (("--model", "plain", "--runs", "3", "-o", "taken"), "belongs to another search: 'runs = 2' there, 'runs = 3' now"),
                 (("--model", "plain", "--runs", "2", "--weights", "retrained", "-o", "taken"), "'# weights: same' there, '# weights: retrained' now"),
                 (("--model", "plain", "--set", "model.sensors.failout.weights_of=nobody"), "weights_of = nobody is no model that is trained (plain)")]
        for options, message in cases:
            with self.subTest(options):
                done = self.search("-o", "never", *options)
                self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
                self.assertIn(message, done.stderr)
                self.assertEqual(len([line for line in done.stderr.splitlines() if not line.endswith(".h5")]), 1, done.stderr)
                self.assertFalse(os.path.exists(self.path("never")))
        done = self.search("--model", "plain", "-o", "never", config="nothing.ini")
        self.assertEqual(done.returncode, 2)
        self.assertIn("nothing.ini: cannot be read", done.stderr)

    def test_too_many_skips_for_every_subset(self):
        skips = [f"link s{place} -> server skip\n" for place in range(13)]
        self.write("many.topology", "topology many\n" + "".join(f"source s{place} 4\n" for place in range(13)) + "node near relu:4\nnode middle relu:4\nnode server linear:3\n"
                   + "".join(f"link s{place} -> near\n" for place in range(13)) + "link near -> middle\nlink middle -> server\n" + "".join(skips) + "fails near middle\n")
        done = self.search("--model", "plain", "-o", "many", "--set", f"model.sensors.plain.topology={self.path('many.topology')}")
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("--search every: 13 skips have 8192 subsets (at most 12 skips; --search add or remove)", done.stderr)
        self.assertFalse(os.path.exists(self.path("many")))

    def test_help_has_an_example(self):
        done = subprocess.run([os.path.join(ROOT, "jobs", "skip_search.py"), "--help"], capture_output=True, text=True, timeout=LIMIT_S, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("example:", done.stdout)


if __name__ == "__main__":
    unittest.main()
