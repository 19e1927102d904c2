"""Chaos over real ranks: random networks, random failure scripts, and a blow from outside now and then.

DEEPFOG_CHAOS_SCRIPTS says how many (10); DEEPFOG_CHAOS_FIRST the first seed (1). DEEPFOG_CHAOS_CASE is the program that makes
up a case; ctest sets it.
"""
import os
import random
import shutil
import signal
import subprocess
import time
import unittest

from harness import LIMIT_S, PROGRAM
from infer_harness import InferTest, ranks_of, recovery_flags

CASE = os.environ.get("DEEPFOG_CHAOS_CASE", os.path.join(os.path.dirname(PROGRAM), "tests", "programs", "chaos_case"))
SCRIPTS = int(os.environ.get("DEEPFOG_CHAOS_SCRIPTS", "10"))
FIRST = int(os.environ.get("DEEPFOG_CHAOS_FIRST", "1"))


class Case:
    def __init__(self, test, seed):
        self.seed = seed
        self.draw = random.Random(seed)
        self.folder = test.path(f"case{seed}")
        os.mkdir(self.folder)
        done = subprocess.run([CASE, str(seed), self.folder], capture_output=True, text=True, timeout=LIMIT_S, check=True)
        nodes, sources = done.stdout.splitlines()
        self.nodes = nodes.split()
        test.make_data(f"chaos{seed}", "--sources", sources, "--classes", "3", "--samples", "500")
        self.output = os.path.join(f"case{seed}", "results.h5")

    def options(self):
        draw = self.draw
        scenario = draw.choice((("single-stream",), ("offline", "--depth", str(draw.randint(1, 6))),
                                ("server", "--rate", str(draw.choice((100, 200, 500))), "--depth", str(draw.randint(1, 6)))))
        heartbeat = draw.choice((5, 10, 20))
        return ("--dataset", f"chaos{self.seed}", "--output", self.output, "--script", os.path.join(self.folder, "script.txt"), "--check",
                "--progress", "never", "--samples", "50", "--batch", str(draw.choice((1, 1, 1, 4, 7))), "--scenario", *scenario,
                "--timeout", draw.choice(("500us", "2ms", "10ms", "50ms")), "--adaptive", draw.choice(("true", "false")),
                "--heartbeat", f"{heartbeat}ms", "--limit", f"{heartbeat * draw.choice((3, 6, 10))}ms")


@unittest.skipUnless(recovery_flags(), "this MPI library ends the job when a rank dies")
class ChaosTest(InferTest):
    def blow(self, case, ranks):
        """SIGKILL, or SIGSTOP and SIGCONT, of some node but the last; half the time nothing."""
        victim = ranks.get(case.draw.choice([rank for rank, name in enumerate(case.nodes) if name != "last"]))
        kind = case.draw.choice(("", "", "kill", "stop"))
        time.sleep(case.draw.uniform(0, 0.3))
        try:
            if victim and kind == "kill":
                os.kill(victim, signal.SIGKILL)
            elif victim and kind == "stop":
                os.kill(victim, signal.SIGSTOP)
                time.sleep(case.draw.uniform(0, 0.3))
                os.kill(victim, signal.SIGCONT)
        except ProcessLookupError:
            pass  # it has left, or died by script

    def run_case(self, seed):
        case = Case(self, seed)
        job = subprocess.Popen(self.launch(os.path.join(f"case{seed}", "weights.h5"), case.options(), ranks=len(case.nodes)),
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=self.folder, env=self.environment,
                               stdin=subprocess.DEVNULL, start_new_session=True)
        try:
            ranks = self.wait_until_begun(job, case)
            self.blow(case, ranks)
            out, errors = self.finish(job)
        finally:
            self.end(job)
        said = out + errors + self.text_of(os.path.join(case.folder, "script.txt"))
        measured = self.read(case.output, said=said)
        self.assertEqual(measured.ending, "complete", said)
        self.assert_every_sample(measured)
        self.assertEqual(measured.attributes["unequal_rounds"], 0, said)
        self.assertEqual(measured.attributes["checked_rounds"], len(measured["rounds/round"]))
        shutil.rmtree(case.folder)
        return measured

    def text_of(self, path):
        with open(path, encoding="utf-8") as file:
            return file.read()

    def wait_until_begun(self, job, case):
        """Or until it is over: a hundred rounds may take milliseconds."""
        deadline = time.monotonic() + LIMIT_S
        round_log = self.path(case.output + ".group0.rounds")
        while job.poll() is None and not os.path.exists(round_log) and not os.path.exists(self.path(case.output)):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.002)
        return ranks_of(job)

    def test_random_scripts_on_random_networks(self):
        deaths = missed = 0
        for seed in range(FIRST, FIRST + SCRIPTS):
            with self.subTest(seed):
                measured = self.run_case(seed)
                deaths += int((measured["nodes/reported"] == 0).sum())
                missed += int(measured["rounds/timed_out"].any(axis=1).sum())
        # Otherwise nothing was put to the test.
        self.assertGreater(deaths, 0)
        self.assertGreater(missed, 0)


if __name__ == "__main__":
    unittest.main()
