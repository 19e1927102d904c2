"""1, 2, 3 and 5 ranks, odd numbers and more than there are cores: byte-equal tables."""
import unittest

import h5py

from harness import UNITS, ProgramTest


class RanksTest(ProgramTest):
    def test_any_number_of_ranks_gives_the_same_tables(self):
        lines = {}
        for ranks in (1, 2, 3, 5):
            done = self.run_well("run", "--config", "small.ini", "--output", f"ranks/{ranks}.h5", "--progress", "never", ranks=ranks)
            lines[ranks] = [line for line in done.stdout.splitlines() if line.startswith("RESULT experiment=")]
            with h5py.File(self.path("ranks", f"{ranks}.h5")) as file:
                self.assertEqual(int(file.attrs["ranks"]), ranks)
        self.assertEqual(len(lines[1]), 4)  # two models in two settings
        for ranks in (2, 3, 5):
            with self.subTest(ranks):
                self.assertEqual(lines[ranks], lines[1])
                self.assert_same_results("ranks/1.h5", f"ranks/{ranks}.h5")
                with h5py.File(self.path("ranks", "1.h5")) as one, h5py.File(self.path("ranks", f"{ranks}.h5")) as many:
                    for model in ("plain", "failout"):
                        for table in ("correct", "confusion", "flow", "accuracy"):
                            where = f"experiments/sensors/models/{model}/{table}"
                            self.assertEqual(one[where][()].tobytes(), many[where][()].tobytes(), where)

    def test_another_seed_gives_other_counts(self):
        """So that the equality above is one of results, not of constants."""
        self.run_well("run", "--config", "small.ini", "--output", "seed1.h5")
        self.run_well("run", "--config", "small.ini", "--output", "seed2.h5", "--set", "seed=2")
        with h5py.File(self.path("seed1.h5")) as one, h5py.File(self.path("seed2.h5")) as two:
            where = "experiments/sensors/models/plain/correct"
            self.assertNotEqual(one[where][()].tobytes(), two[where][()].tobytes())

    def test_dry_run_counts_the_units_there_are(self):
        text = self.run_well("run", "--config", "small.ini", "--dry-run").stdout
        self.assertIn(f"dry run: {UNITS} tasks", text)


if __name__ == "__main__":
    unittest.main()
