"""Jobs that meet: two on one file, another config on the same file, a signal before the end."""
import os
import re
import signal
import time
import unittest

import h5py

from harness import LIMIT_S, UNITS, ProgramTest, journal_records, kill_job, processes_below

LONG = ("--set", "experiment.sensors.epochs=400")


class JobsTest(ProgramTest):
    def wait_for_units(self, output, count, job):
        deadline = time.monotonic() + LIMIT_S
        while sum(kind in ("training", "sweep", "bounds") for kind in journal_records(self.path(output + ".journal"))) < count:
            self.assertIsNone(job.poll(), "the job ended too early")
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)

    def test_second_job_on_one_file_says_so_and_stops(self):
        first = self.start("run", "--config", "small.ini", "--output", "two/x.h5", *LONG, ranks=1)
        try:
            self.wait_for_units("two/x.h5", 1, first)
            second = self.deepfog("run", "--config", "small.ini", "--output", "two/x.h5", *LONG, ranks=2)
            self.assertEqual(second.returncode, 2, second.stderr)
            said = [line for line in second.stderr.splitlines() if line.startswith("deepfog: ")]
            self.assertEqual(len(said), 1, second.stderr)
            self.assertRegex(said[0], r"^deepfog: error: two/x\.h5\.journal: in use by another job, pid [0-9]+ on .*$")
            self.assertEqual(second.stdout, "")
            self.assertIsNone(first.poll(), "the first job must not be disturbed")
        finally:
            kill_job(first)
            first.communicate(timeout=LIMIT_S)

    def test_changed_config_is_refused_with_the_difference(self):
        self.run_well("run", "--config", "small.ini", "--output", "changed.h5", "--set", "runs=1")
        before = os.stat(self.path("changed.h5")).st_mtime_ns
        done = self.deepfog("run", "--config", "small.ini", "--output", "changed.h5", "--set", "runs=1",
                            "model.sensors.plain.epochs=7", ranks=2)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertRegex(done.stderr, r"^deepfog: error: changed\.h5: belongs to a different campaign.*\n  model\.sensors\.plain\.epochs: 40 -> 7\n")
        self.assertEqual(done.stderr.count(" -> 7"), 1)
        self.assertEqual(os.stat(self.path("changed.h5")).st_mtime_ns, before)
        again = self.run_well("run", "--config", "small.ini", "--output", "changed.h5", "--set", "runs=1",
                              "model.sensors.plain.epochs=7", "--restart")
        self.assertIn("status=complete", again.stdout)
        with h5py.File(self.path("changed.h5")) as file:
            self.assertEqual(int(file["experiments/sensors/models/plain"].attrs["epochs"]), 7)

    def test_changed_topology_is_refused(self):
        with open(self.path("three-nodes.topology"), encoding="utf-8") as file:
            text = file.read()
        self.write("mine.topology", text)
        call = ("run", "--config", "small.ini", "--output", "topology.h5", "--set", "runs=1", "model.sensors.plain.topology=mine.topology")
        self.run_well(*call)
        self.write("mine.topology", text.replace("relu:16*2", "relu:16*3"))
        done = self.deepfog(*call)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("model.sensors.plain.topology_sha256: ", done.stderr)

    def test_finished_campaign_is_left_alone(self):
        self.run_well("run", "--config", "small.ini", "--output", "done.h5", "--set", "runs=1")
        before = os.stat(self.path("done.h5")).st_mtime_ns
        done = self.run_well("run", "--config", "small.ini", "--output", "done.h5", "--set", "runs=1", ranks=3)
        self.assertIn("complete and valid already", done.stderr)
        self.assertIn("RESULT campaign=small file=done.h5 valid=1 status=complete", done.stdout)
        self.assertEqual(os.stat(self.path("done.h5")).st_mtime_ns, before)

    def interrupt(self, number, output, ranks, *options, to_rank=None):
        """The job's end after a signal to mpirun, or to one rank."""
        job = self.start("run", "--config", "small.ini", "--output", output, "--progress", "never", *options, ranks=ranks)
        self.wait_for_units(output, 2, job)
        victim = job.pid if to_rank is None else sorted(processes_below(job.pid))[to_rank]
        os.kill(victim, number)
        out, errors = job.communicate(timeout=LIMIT_S)
        return job.returncode, out, errors

    def test_usr1_ends_resumable_with_75_and_the_same_command_goes_on(self):
        code, out, errors = self.interrupt(signal.SIGUSR1, "usr1.h5", 2)
        self.assertEqual(code, 75, out + errors)
        told = re.search(rf"deepfog: interrupted, (\d+) of {UNITS} tasks", errors)
        self.assertIsNotNone(told, errors)
        self.assertRegex(errors, r"resume with: .* run --config small\.ini --output usr1\.h5")
        self.assertIn("RESULT campaign=small file=usr1.h5 valid=", out)
        self.assertIn("status=interrupted", out)
        with h5py.File(self.path("usr1.h5")) as file:
            self.assertEqual(file.attrs["status"].decode(), "interrupted")
        done = self.run_well("run", "--config", "small.ini", "--output", "usr1.h5", ranks=3)
        self.assertIn(f"resuming: {told[1]} of {UNITS} tasks are done already", done.stderr)
        self.run_well("run", "--config", "small.ini", "--output", "whole.h5")
        self.assert_same_results("whole.h5", "usr1.h5")

    def test_usr1_to_one_process_without_mpirun(self):
        job = self.start("run", "--config", "small.ini", "--output", "single.h5", "--progress", "never")
        self.wait_for_units("single.h5", 2, job)
        os.kill(job.pid, signal.SIGUSR1)
        out, errors = job.communicate(timeout=LIMIT_S)
        self.assertEqual(job.returncode, 75, out + errors)
        self.assertRegex(out, r"RESULT campaign=small file=single\.h5 valid=unknown status=interrupted seconds=")
        done = self.deepfog("verify", "single.h5")
        self.assertEqual(done.returncode, 75, done.stderr)
        self.assertEqual(done.stdout.splitlines()[0], "single.h5: UNFINISHED (interrupted)")
        self.assertIn("RESULT verify=single.h5 valid=unknown status=interrupted ", done.stdout)
        self.assertIn("RESULT campaign_file=single.h5 valid=unknown status=interrupted ", self.run_well("status", "single.h5").stdout)
        self.run_well("run", "--config", "small.ini", "--output", "single.h5")
        self.run_well("verify", "single.h5")

    def test_signals_at_mpirun_that_end_it_leave_the_hint_and_what_is_done(self):
        """mpirun tells its ranks a second later, which must have work left then, and its own exit code says nothing."""
        longer = ("--set", "runs=40")
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(signal.Signals(number).name):
                output = f"signal{int(number)}.h5"
                code, out, errors = self.interrupt(number, output, 3, *longer)
                self.assertNotEqual(code, 0, out + errors)
                self.assertRegex(errors, rf"resume with: .* run --config small\.ini --output {output}")
                with h5py.File(self.path(output)) as file:
                    self.assertEqual(file.attrs["status"].decode(), "interrupted")
        done = self.run_well("run", "--config", "small.ini", "--output", output, *longer, ranks=2)
        self.assertRegex(done.stderr, rf"resuming: \d+ of {10 * UNITS} tasks are done already")

    def test_spoiled_weights_are_made_again(self):
        code, out, errors = self.interrupt(signal.SIGUSR1, "spoiled.h5", 2)
        self.assertEqual(code, 75, out + errors)
        folder = self.path("spoiled.h5.weights")
        victim = os.path.join(folder, sorted(os.listdir(folder))[0])
        with open(victim, "r+b") as file:
            file.truncate(os.path.getsize(victim) // 2)
        done = self.run_well("run", "--config", "small.ini", "--output", "spoiled.h5")
        self.assertRegex(done.stderr, rf"deepfog: .*{os.path.basename(victim)}: .*; done once more: ")
        self.run_well("run", "--config", "small.ini", "--output", "undisturbed.h5")
        self.assert_same_results("undisturbed.h5", "spoiled.h5")


if __name__ == "__main__":
    unittest.main()
