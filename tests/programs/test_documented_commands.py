"""Every command that is printed anywhere stands in the table, and those of a first look run as printed."""
import os
import subprocess
import sys
import unittest
from concurrent.futures import ThreadPoolExecutor

import documented_commands
import documented_studies
import documents
from checkout import Checkout
from documented_commands import Not, Run
from harness import ROOT, ProgramTest

TABLE = (*documented_commands.FIRST_LOOK, *documented_studies.STUDIES, *documented_studies.NOT_HERE)
HINT = "tests/programs/documented_commands.py says how"


def without_a_run(found, table):
    """Printed commands that the table does not have."""
    known = {entry.text for entry in table if entry.printed}
    return sorted({f"{where}: {text}" for where, text in found if text not in known and where not in known})


def no_longer_printed(found, table):
    printed = {text for _, text in found} | {where for where, _ in found}
    return sorted(entry.text for entry in table if entry.printed and entry.text not in printed)


class Printed(ProgramTest):
    """What is printed, against the table."""
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.found = list(documents.of_files(ROOT)) + list(cls.helps())

    @classmethod
    def helps(cls):
        """Of all help texts: verbs and Python scripts. Those of shell scripts are their comments."""
        verbs = [line.split(": ")[0] for line in cls.deepfog("list", "verbs").stdout.splitlines()[1:]]
        for verb in verbs:
            yield from documents.help_text(f"deepfog {verb} --help", cls.deepfog(verb, "--help").stdout)
        scripts = documents.python_scripts(ROOT)
        with ThreadPoolExecutor(2) as pool:
            texts = pool.map(lambda path: subprocess.run([sys.executable, path, "--help"], capture_output=True, text=True, check=True, timeout=120).stdout, scripts)
        for path, text in zip(scripts, texts):
            yield from documents.help_text(f"{os.path.relpath(path, ROOT)} --help", text)

    def test_every_printed_command_has_its_run(self):
        self.assertEqual(without_a_run(self.found, TABLE), [], f"printed, but never tried: {HINT}")

    def test_every_run_is_of_a_printed_command(self):
        self.assertEqual(no_longer_printed(self.found, TABLE), [], "in the table, but printed nowhere")

    def test_commands_are_found_everywhere(self):
        places = {where.split("/")[0].split(":")[0].split()[0] for where, _ in self.found}
        self.assertLessEqual({"README.md", "REPRODUCING.md", "data", "postprocess", "packaging", "tests", "configs", "jobs", "deepfog"}, places)
        self.assertGreater(len(self.found), 150)

    def test_a_new_command_fails_wherever_it_is_printed(self):
        news = {"a block": documents.markdown("x.md", "Do:\n```\njobs/local.sh new.ini   # quick\n```\n"),
                "a block of the shell": documents.markdown("x.md", "```sh\n$ deepfog run \\\n  --config new.ini\n```\n"),
                "a block in a list": documents.markdown("x.md", "* Do:\n  ```\n  frobnicate\n  ```\n"),
                "a block of text": documents.markdown("x.md", "```text\nRESULT x=1\ndeepfog run --config new.ini\n```\n"),
                "a piece of Python": documents.markdown("x.md", "```python\nimport h5py\n```\n"),
                "a sentence": documents.markdown("x.md", "Then `postprocess/report.py\nnew.h5` draws it."),
                "a config": documents.comments("x.ini", "# Made by:\n#   data/make_synthetic.py any \\\n#     new.h5 --classes 3\n[campaign]\n"),
                "a script": documents.comments("x.sh", "#!/bin/sh\n# Without Slurm: bash jobs/new.sbatch CONFIG.\n"),
                "an example in a script": documents.comments("x.sh", "#   jobs/x.sh [A]     e.g. jobs/x.sh --all\n"),
                "a help text": documents.help_text("x --help", "usage: x [-h]\n\nexample:\n  deepfog run --config new.ini\n\nexit code: 0\n")}
        expected = {"a block": "jobs/local.sh new.ini", "a block of the shell": "deepfog run --config new.ini", "a block in a list": "frobnicate",
                    "a block of text": "deepfog run --config new.ini", "a piece of Python": "import h5py", "a sentence": "postprocess/report.py new.h5",
                    "a config": "data/make_synthetic.py any new.h5 --classes 3", "a script": "bash jobs/new.sbatch CONFIG", "an example in a script": "jobs/x.sh --all",
                    "a help text": "deepfog run --config new.ini"}
        for place, found in news.items():
            with self.subTest(place):
                found = list(found)
                self.assertEqual([text for _, text in found], [expected[place]])
                self.assertEqual(len(without_a_run(found, TABLE)), 1)

    def test_what_is_no_command_is_not_taken_for_one(self):
        for found in (documents.markdown("x.md", "`deepfog infer` lets them happen, `jobs/infer.sh` starts it; `seed 7`\n```text\nseed 7\n```\n"),
                      documents.comments("x.sh", "#   jobs/x.sh [--all] CONFIG     what it is\n# Always by mpirun: srun ends all ranks when one dies.\n"),
                      documents.help_text("x --help", "usage: x [-h]\n\noptions:\n  --set arg   as in deepfog run\n")):
            self.assertEqual(list(found), [])

    def test_the_table_shrinks_and_does_not_rewrite(self):
        self.assertEqual(len({entry.text for entry in TABLE if entry.printed}), sum(entry.printed for entry in TABLE), "twice in the table")
        for entry in TABLE:
            with self.subTest(entry.text):
                if isinstance(entry, Not):
                    self.assertTrue(entry.why)
                    if entry.elsewhere:
                        path, words = entry.elsewhere.split(": ", 1)
                        self.assertIn(words, documents.read(os.path.join(ROOT, path)))
                elif entry.printed:
                    self.assertTrue(not entry.add or entry.add.startswith("--set ") or entry.why)
                    for word in entry.fill:
                        self.assertRegex(word, r"^([A-Z_]+|\.\.\.|\[.*\]|--set|section\.key=value| )+$" if not entry.why else r"^--samples \d+$")
                        self.assertIn(word, entry.text)


class FirstLook(unittest.TestCase):
    """A first look, as printed, in one folder."""
    entries, prepare = documented_commands.FIRST_LOOK, documented_commands.PREPARE

    def test_commands_run_as_printed(self):
        checkout = Checkout()
        self.addCleanup(checkout.remove)
        pythons = {where: text for where, text in documents.of_files(ROOT) if ": python " in where}
        for command in self.prepare:
            code, said, _ = checkout.run(command)
            self.assertEqual(code, 0, f"{command}\n{said}")
        checkout.lay_raw_data()
        for entry in self.entries:
            with self.subTest(entry.text):
                python = pythons.get(entry.text)
                code, said, seconds = checkout.run(python or entry.command(), bool(python), entry.queued)
                if "DEEPFOG_SHOW_TIMES" in os.environ:
                    print(f"{seconds:6.1f} s  {entry.text[:150]}", file=sys.stderr, flush=True)
                self.assertEqual(code, entry.code, f"{entry.command()}\n{said[-3000:]}")
                self.assertNotIn("Traceback", said)
        self.left(checkout)

    def left(self, checkout):
        """What the stand-in for sbatch was asked for: the scripts that the documents name, with the options of the array."""
        calls = checkout.submitted()
        self.assertEqual(len(calls), 7, calls)
        self.assertTrue(any("--array=1-8" in call for call in calls), calls)
        self.assertTrue(any("--dependency=afterany:7" in call and "jobs/merge.sbatch" in call for call in calls), calls)


if __name__ == "__main__":
    unittest.main()
