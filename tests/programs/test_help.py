"""Every verb explains itself with an example, and wrong words get the nearest right one."""
import unittest

from harness import ROOT, ProgramTest, masked

VERBS = {"run", "infer", "partition", "verify", "list"}


class HelpTest(ProgramTest):
    def verbs(self):
        listed = self.run_well("list", "verbs").stdout.splitlines()
        self.assertEqual(listed[0], "verbs:")
        return [line.split(": ")[0] for line in listed[1:]]

    def test_every_verb_has_help_with_an_example(self):
        verbs = self.verbs()
        self.assertLessEqual(VERBS, set(verbs))
        for verb in verbs:
            with self.subTest(verb):
                text = self.run_well(verb, "--help").stdout
                self.assertIn(f"deepfog {verb}", text)
                self.assertIn("options:\n", text)
                self.assertRegex(text, rf"example:\n(  .+\n)*  .*deepfog {verb} .+\n$")

    def test_every_option_of_run_is_explained(self):
        text = self.run_well("run", "--help").stdout
        for option in ("config", "set", "output", "engine", "memory", "device", "print-config", "dry-run", "progress", "restart"):
            self.assertRegex(text, rf"--{option}( arg| \(=| \[=| +[a-z])")

    def test_every_option_of_infer_is_explained(self):
        """All keys of [inference], with - for _, and what only the command line has."""
        text = self.run_well("infer", "--help").stdout
        for option in ("config", "set", "weights", "dataset", "output", "name", "scenario", "rate", "samples", "batch", "depth", "seed",
                       "threads", "failures", "script", "fail", "timeout", "link-timeout", "variants", "adaptive", "heartbeat", "limit",
                       "run-limit", "check", "recover", "print-config", "print-ranks", "print-limit", "dry-run", "progress"):
            self.assertRegex(text, rf"--{option}( arg| \(=| \[=| +[a-z])")

    def test_program_help_lists_the_verbs(self):
        text = self.run_well("--help").stdout
        for verb in self.verbs():
            self.assertRegex(text, rf"\n  {verb} +[a-z]")
        self.assertIn("75", text)

    def test_version(self):
        self.assertRegex(self.run_well("--version").stdout, r"^deepfog [0-9]+\.[0-9]+\.[0-9]+ \(.+\)\n$")

    def test_help_under_mpirun_comes_once(self):
        done = self.run_well("run", "--help", ranks=2)
        self.assertEqual(done.stdout.count("example:"), 1)

    def test_list_shows_what_there_is(self):
        text = self.run_well("list").stdout
        self.assertIn("camera-deepfogguard.topology: 6 sources, 9 nodes (8 can fail", text)
        self.assertIn("sensors.h5: ", text)
        self.assertIn("SYNTHETIC", text)
        self.assertIn("quickstart.ini: [campaign]", text)
        self.assertNotIn("mpi_library", text, "comes by name alone")
        self.assertNotIn("no data set yet", masked(text, self.folder, ROOT))


if __name__ == "__main__":
    unittest.main()
