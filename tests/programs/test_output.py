"""What the program prints, against stored text: tests/programs/expected/. Times, folders and measured figures are masked.

DEEPFOG_STORE=1 writes the stored text anew; look at the difference before it is committed.
"""
import os
import re
import unittest

import h5py

from harness import ProgramTest, masked

EXPECTED = os.path.join(os.path.dirname(os.path.realpath(__file__)), "expected")


def without_measures(text):
    """Accuracies depend on the machine's BLAS; what stands around them does not. Column widths follow the figures."""
    text = re.sub(r"(average_accuracy|ci95)=[0-9.]+", r"\1=<measure>", text)
    text = re.sub(r"gain_points=(?!0\.00 )-?[0-9.]+", "gain_points=<measure>", text)
    text = re.sub(r"[0-9]+\.[0-9]{2} ± [0-9]+\.[0-9]{2}( \([+-][0-9]+\.[0-9]{2}\))?",
                  lambda match: "<measure> ± <measure>" + (" (<gain>)" if match[1] else ""), text)
    return re.sub(r" {2,}", "  ", text)


class OutputTest(ProgramTest):
    maxDiff = None

    def check(self, name, text):
        text = masked(text, self.folder)
        stored = os.path.join(EXPECTED, name)
        if os.environ.get("DEEPFOG_STORE") == "1":
            with open(stored, "w", encoding="utf-8") as file:
                file.write(text)
        with open(stored, encoding="utf-8") as file:
            self.assertEqual(text, file.read())

    def test_run_prints_tables_and_result_lines(self):
        done = self.run_well("run", "--config", "small.ini", ranks=2)
        self.check("run.txt", without_measures(done.stdout))
        with h5py.File(self.path("out", "small.h5")) as file:
            for model in ("plain", "failout"):
                for setting in ("no_failure", "often"):
                    values = file[f"experiments/sensors/models/{model}/average_accuracy/{setting}"][()]
                    line = f"RESULT experiment=sensors model={model} setting={setting} average_accuracy={values.mean():.6f} ci95="
                    self.assertIn("\n" + line, done.stdout)
        self.check("verify.txt", self.run_well("verify", "out/small.h5", "out/small.h5").stdout)

    def test_standard_error_is_quiet_when_told_so(self):
        done = self.run_well("run", "--config", "small.ini", "--output", "quiet.h5", "--progress", "never")
        self.assertEqual(done.stderr, "")

    def test_progress_goes_to_standard_error_once(self):
        done = self.run_well("run", "--config", "small.ini", "--output", "loud.h5", "--progress", "always", ranks=2)
        self.assertIn("small", done.stderr)
        self.assertNotIn("tasks;", done.stdout)

    def test_print_config(self):
        done = self.run_well("run", "--config", "small.ini", "--set", "seed=3", "model.sensors.plain.epochs=2", "--output", "x.h5",
                             "--print-config")
        self.check("print_config.txt", done.stdout)
        self.write("printed.ini", done.stdout)
        again = self.run_well("run", "--config", "printed.ini", "--print-config")
        values = [re.sub(r" +# .*", "", text) for text in (done.stdout, again.stdout)]
        self.assertEqual(values[0], values[1])
        self.assertFalse(os.path.exists(self.path("x.h5")))

    def test_dry_run_writes_nothing(self):
        before = self.files()
        done = self.run_well("run", "--config", "small.ini", "--dry-run", "--output", "dry/x.h5", ranks=2)
        self.check("dry_run.txt", done.stdout)
        self.assertEqual(self.files(), before)

    def test_one_run_has_no_interval(self):
        done = self.run_well("run", "--config", "small.ini", "--output", "one.h5", "--set", "runs=1")
        self.assertIn(" ci95=nan runs=1 ", done.stdout)
        self.assertNotRegex(done.stdout, r"[0-9] ± ")


if __name__ == "__main__":
    unittest.main()
