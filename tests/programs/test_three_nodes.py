"""A network of one's own, as the README shows it: a topology of ten lines, made-up data, one config; run whole."""
import csv
import os
import re
import shutil
import subprocess
import sys
import unittest

import h5py
import numpy as np

from harness import LIMIT_S, ROOT, ProgramTest

SETTINGS = {"no_failure": (1, 1), "often": (0.9, 0.7)}


class ThreeNodesTest(ProgramTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        os.remove(cls.path("data", "sensors.h5"))
        shutil.copytree(os.path.join(ROOT, "configs"), cls.path("configs"))
        with open(cls.path("configs", "three-nodes.ini"), encoding="utf-8") as file:
            cls.told = re.search(r"(?m)^#   data/make_synthetic\.py (any) data/cache/(sensors\.h5) (.+)$", file.read())

    def test_from_made_up_data_to_the_figures(self):
        # The command the config tells the user, into this test's folder.
        shape, name, options = self.told.groups()
        subprocess.run([sys.executable, os.path.join(ROOT, "data", "make_synthetic.py"), shape, self.path("data", name),
                        *options.split()], check=True, capture_output=True, timeout=LIMIT_S)
        done = self.run_well("run", "--config", "configs/three-nodes.ini", ranks=3)
        self.assertIn("RESULT campaign=three-nodes file=results/three-nodes.h5 valid=1 status=complete", done.stdout)
        self.run_well("verify", "results/three-nodes.h5")
        with h5py.File(self.path("results", "three-nodes.h5")) as file:
            for model in ("plain", "failout"):
                self.check_model(file["experiments/sensors"], model)
        self.check_report()

    def check_model(self, experiment, model):
        """What the null-vector rule and Equation 3 say about two machines in a row with a skip around each."""
        group = experiment["models"][model]
        # Bit 0 is near, bit 1 is middle: with near and middle gone nothing reaches the server, else something does.
        self.assertEqual(list(group["flow"][()]), [0, 1, 1, 1])
        accuracy = group["accuracy"][()]
        np.testing.assert_allclose(accuracy[:, 0], 1 / 3, rtol=1e-12)
        self.assertGreater(accuracy[:, 3].min(), 0.6)
        for setting, (near, middle) in SETTINGS.items():
            chances = np.array([(1 - near) * (1 - middle), near * (1 - middle), (1 - near) * middle, near * middle])
            np.testing.assert_allclose(group["average_accuracy"][setting][()], accuracy @ chances, rtol=1e-12)

    def check_report(self):
        script = os.path.join(ROOT, "postprocess", "report.py")
        done = subprocess.run([sys.executable, script, self.path("results", "three-nodes.h5"), "--paths-only"], capture_output=True,
                              text=True, timeout=LIMIT_S, check=False, cwd=self.folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        paths = [word for word in done.stdout.split() if "/" in word and os.path.exists(os.path.join(self.folder, word))]
        endings = {os.path.splitext(path)[1] for path in paths}
        self.assertLessEqual({".csv", ".png", ".pdf", ".tex"}, endings, done.stdout)
        table = next(path for path in paths if path.endswith(".csv"))
        with open(os.path.join(self.folder, table), encoding="utf-8") as file:
            self.assertGreater(len(list(csv.reader(file))), 2)


if __name__ == "__main__":
    unittest.main()
