"""Ranks that are killed, stopped and continued for real while deepfog infer works: the others go on, and nobody hangs."""
import fcntl
import os
import random
import signal
import time
import unittest

import numpy as np

from infer_harness import CALM, FIVE, NODES, PACED, SAMPLES, THREE, InferTest, code_with_recovery, kill, recovery_flags


@unittest.skipUnless(recovery_flags(), "this MPI library ends the job when a rank dies")
class FaultTest(InferTest):
    def run_to_results(self, weights, output, *options, valid=True, groups=1):
        done = self.infer(weights, "--output", output, *CALM, "--check", *options, groups=groups)
        return self.read(output, valid, done.stdout + done.stderr), done

    def assert_survived(self, measured, victims, said=""):
        """All rounds answered, each as the network would over the messages that arrived; the dead are known as such."""
        self.assertEqual(measured.ending, "complete", said)
        self.assert_every_sample(measured)
        self.assertEqual(measured.attributes["unequal_rounds"], 0)
        silent = {name for name, reported in zip(measured["nodes/node"], measured["nodes/reported"]) if not reported}
        self.assertEqual(silent, set(victims), said)
        for victim in victims:
            self.assertTrue(measured.transitions(victim), f"nobody suspected {victim}")
            sent = [row for row, name in enumerate(measured["topology/links"]) if name.startswith(victim + "->")]
            arrived = [row for row, name in enumerate(measured["topology/links"]) if name.endswith("->" + victim)]
            last = measured["rounds/used"][-20:]
            self.assertEqual(last[:, sent + arrived].sum(), 0, f"{victim} took part to the end")

    def test_each_node_but_the_last_crashes(self):
        for victim, at in (("near", 50), ("middle", 0)):
            with self.subTest(victim):
                measured, done = self.run_to_results(THREE, f"crash-{victim}.h5", "--fail", f"crash {victim} round {at}")
                self.assert_survived(measured, [victim], done.stderr)
                first = measured["rounds/used"][:at]
                self.assertTrue(first.all() if at else True, "before its death everybody works")
                # The first rounds pay the timeout until it is suspected; the others do not.
                waited = measured["rounds/timed_out"].any(axis=1)
                self.assertTrue(waited[at] or measured.told(victim))
                self.assertEqual(measured.told(victim), "--with-ft" in self.recovery)
                self.assertFalse(waited[-20:].any())
                self.assertIn(f"died or did not report: {victim}", done.stdout)

    def test_each_node_but_the_last_is_killed_from_outside(self):
        draw = random.Random(11)
        for victim in NODES[FIVE][:-1]:
            with self.subTest(victim):
                output = f"killed-{victim}.h5"
                job, ranks = self.start_infer(FIVE, output, *CALM, "--scenario", "server", "--rate", "200", "--check")
                time.sleep(draw.uniform(0, 0.3))
                kill(ranks[NODES[FIVE].index(victim)])
                out, errors = self.finish(job)
                self.assert_survived(self.read(output, said=out + errors), [victim], errors)
                self.assert_nothing_left_running(ranks)

    def test_two_deaths_leave_the_skips(self):
        measured, done = self.run_to_results(FIVE, "two.h5", "--fail", "crash b round 30", "--fail", "crash c round 90",
                                             "--scenario", "offline", "--depth", "4", "--timeout", "20ms")
        self.assert_survived(measured, ["b", "c"], done.stderr)
        links = list(measured["topology/links"])
        self.assertTrue(measured["rounds/used"][-20:][:, [links.index("a->d"), links.index("d->server")]].all())

    def test_everybody_but_the_last_node_dies(self):
        measured, done = self.run_to_results(THREE, "alone.h5", "--fail", "crash near round 20", "--fail", "crash middle round 20")
        self.assert_survived(measured, ["near", "middle"], done.stderr)
        self.assertTrue((measured["rounds/prediction"][-20:] == -1).all(), "nothing arrives: guessed")

    def test_the_last_node_dies(self):
        job, ranks = self.start_infer(THREE, "headless.h5", *CALM, *PACED, "--check")
        kill(ranks[2])
        out, errors = self.finish(job)
        self.assertIn("deepfog: the last node (server) died; what was measured so far is in headless.h5", errors)
        self.assertEqual((out + errors).count("RESULT "), 1, out)  # of two heirs one writes
        measured = self.read("headless.h5", valid=False, said=out + errors)
        self.assertEqual(measured.ending, "last node died")
        count = len(measured["rounds/round"])
        self.assertTrue(10 <= count < SAMPLES, count)
        self.assertEqual(measured.attributes["unequal_rounds"], 0)
        self.assertEqual(dict(zip(measured["nodes/node"], measured["nodes/reported"]))["server"], 0)
        self.assert_nothing_left_running(ranks)

    def stop_for_a_while(self, output, rank):
        job, ranks = self.start_infer(THREE, output, "--limit", "200ms", "--progress", "never", "--scenario", "server", "--rate", "60",
                                      "--check")
        os.kill(ranks[rank], signal.SIGSTOP)
        time.sleep(0.8)
        os.kill(ranks[rank], signal.SIGCONT)
        out, errors = self.finish(job)
        measured = self.read(output, said=out + errors)
        self.assertEqual(measured.ending, "complete")
        self.assert_every_sample(measured)
        self.assertEqual(measured.attributes["unequal_rounds"], 0)
        self.assertTrue((measured["nodes/reported"] == 1).all(), errors)
        return measured

    def test_a_stopped_node_comes_back(self):
        measured = self.stop_for_a_while("stopped.h5", 0)
        suspected, returned = measured.transitions("near", "suspected"), measured.transitions("near", "returned")
        self.assertTrue(suspected and returned)
        self.assertGreater(measured["nodes/epoch"][measured["nodes/node"].index("near")], 1)
        for observer in {measured["membership/observer"][row] for row in suspected}:
            rows = [row for row in suspected + returned if measured["membership/observer"][row] == observer]
            newest = max(rows, key=lambda row: measured["membership/time_us"][row])
            self.assertEqual(measured["membership/event"][newest], "returned", observer)
            self.assertGreater(measured["membership/epoch"][newest], 1)
        sent = measured["topology/links"].index("near->server")
        self.assertTrue(measured["rounds/used"][:5, sent].all())
        self.assertFalse(measured["rounds/used"][:, sent].all(), "it was missed")
        self.assertGreater(measured["rounds/used"][-5:, sent].sum(), 0, "it is in use again")

    def test_a_stopped_last_node_goes_on(self):
        measured = self.stop_for_a_while("stopped-last.h5", 2)
        self.assertGreater(np.max(measured["rounds/latency_us"]), 500_000)

    def test_a_hang_by_script_ends_however_short(self):
        hangs = [word for at in range(0, 200, 5) for word in ("--fail", f"hang {('near', 'middle', 'server')[at % 3]} round {at} for {1 + at % 40}us")]
        measured, done = self.run_to_results(THREE, "hangs.h5", *hangs)
        self.assertEqual(measured.ending, "complete", done.stderr)
        self.assert_every_sample(measured)
        self.assertTrue((measured["nodes/reported"] == 1).all())

    def test_two_groups_and_one_loses_its_last_node(self):
        job, ranks = self.start_infer(THREE, "half.h5", *CALM, *PACED, "--check", groups=2)
        kill(ranks[5])
        begin = time.monotonic()
        out, errors = self.finish(job)
        self.assertLess(time.monotonic() - begin, 60)
        self.assertIn("not complete: last node died", errors)
        measured = self.read("half.h5", valid=False, said=out + errors)
        self.assertEqual(measured.ending, "last node died")
        counts = [int((measured["rounds/group"] == group).sum()) for group in (0, 1)]
        self.assertEqual(counts[0], SAMPLES // 2)
        self.assertTrue(10 <= counts[1] < SAMPLES // 2, counts)
        self.assert_nothing_left_running(ranks)

    def test_a_whole_group_dies_and_another_one_writes(self):
        job, ranks = self.start_infer(THREE, "other.h5", "--limit", "200ms", "--progress", "never", *PACED, groups=2)
        for rank in (0, 1, 2):
            kill(ranks[rank])
        out, errors = self.finish(job)
        self.assertIn("all nodes of the first group died; what was measured so far is in other.h5", errors)
        measured = self.read("other.h5", valid=False, said=out + errors)
        self.assertEqual(int((measured["rounds/group"] == 1).sum()), SAMPLES // 2)
        self.assertGreaterEqual(int((measured["rounds/group"] == 0).sum()), 10)

    def test_a_death_at_the_very_end(self):
        draw = random.Random(5)
        for number in range(3):
            with self.subTest(number):
                output = f"end{number}.h5"
                job, ranks = self.start_infer(THREE, output, *CALM, "--scenario", "server", "--rate", "200")
                self.wait_for_rounds(job, output, count=SAMPLES)
                time.sleep(draw.uniform(0, 0.02))
                try:
                    kill(ranks[0])
                except ProcessLookupError:
                    pass  # it had left already
                out, errors = self.finish(job)
                measured = self.read(output, said=out + errors)
                self.assertEqual(measured.ending, "complete", errors)
                self.assert_every_sample(measured)

    def test_a_death_in_a_planned_walk_is_told(self):
        """A node that is dead where the plan has it alive: such rounds are no comparison with the plan, and are told apart."""
        measured, done = self.run_to_results(THREE, "walk.h5", "--failures", "all", "--batch", "50", "--fail", "crash near round 2")
        self.assertEqual(measured.ending, "complete", done.stderr)
        self.assert_every_sample(measured, phases=4)
        lacking = measured.attributes["rounds_off_plan"]
        planned = sum(4 for combination in measured["phases/combination"] if int(combination) & 1)  # near is bit 0
        self.assertTrue(4 <= lacking <= planned, lacking)  # but for two rounds or so, all of the phases that have it alive
        self.assertEqual(measured.attributes["unequal_rounds"], 0)
        self.assertIn(f"{lacking} lacked a node that the plan has alive", done.stdout)

    def test_usr1_ends_with_what_was_measured(self):
        for recovery in (False, True):
            with self.subTest(recovery=recovery):
                output = f"usr1-{recovery}.h5"
                job, ranks = self.start_infer(THREE, output, *CALM, *PACED, "--check", recovery=recovery)
                os.kill(job.pid, signal.SIGUSR1)
                out, errors = self.finish(job)
                self.assertEqual(job.returncode, code_with_recovery(75) if recovery else 75, out + errors)
                measured = self.read(output, valid=False, said=out + errors)
                self.assertEqual(measured.ending, "interrupted")
                self.assertTrue(10 <= len(measured["rounds/round"]) < SAMPLES)
                self.assertEqual(measured.attributes["unequal_rounds"], 0)
                self.assertTrue((measured["nodes/reported"] == 1).all())
                self.assertIn("ending=interrupted", out)
                self.assert_nothing_left_running(ranks)

    def test_an_output_in_use_is_refused_before_anything(self):
        """Held here as a run holds it: the last node that finds out must not leave the others waiting."""
        for group, recovery in ((0, False), (1, True)):
            with self.subTest(group), open(self.path(f"taken.h5.group{group}.rounds"), "wb") as held:
                fcntl.flock(held, fcntl.LOCK_EX)
                done = self.infer(THREE, "--output", "taken.h5", *CALM, groups=2, recovery=recovery)
                said = [line for line in done.stderr.splitlines() if line.startswith("deepfog: ")]
                self.assertEqual(said, [f"deepfog: error: taken.h5.group{group}.rounds: in use by another job "
                                        "(wait for its end, or choose another output)"], done.stderr)
                self.assertEqual((done.stdout, done.returncode), ("", code_with_recovery(2) if recovery else 2))
                os.remove(held.name)
            self.assertEqual([name for name in self.files() if name.startswith("taken")], [])


if __name__ == "__main__":
    unittest.main()
