"""The scripts in environments and places that a shell passes on: the answer is the same in all of them."""
import glob
import os
import re
import shutil
import subprocess
import unittest

from harness import LIMIT_S, ROOT
from scripts_harness import ScriptsTest

BOOT = 'POSIXLY_CORRECT=1; unset -f readlink; own=$(readlink -f -- "${BASH_SOURCE[0]}")'
LAUNCH = ("jobs/launch.sh", "--explain", "--ranks", "3", "true")


def exported(name, text):
    """A shell function in the environment, as `export -f` puts it there."""
    return {f"BASH_FUNC_{name}%%": "() { " + text + "\n}"}


class ShellEnvironmentTest(ScriptsTest):
    def answer(self, *words, environment=None, at=ROOT, **options):
        done = subprocess.run([os.path.join(at, words[0]), *words[1:]], capture_output=True, text=True, timeout=LIMIT_S, check=False,
                              cwd=options.pop("cwd", self.folder), env={**self.environment, **(environment or {})},
                              **{"stdin": subprocess.DEVNULL, **options})
        return done.returncode, done.stdout, done.stderr

    def test_every_script_begins_alike(self):
        """What is called sources jobs/preamble.sh first; the batch scripts by way of jobs/batch.sh."""
        for path in sorted(path for pattern in ("jobs/*.sh", "jobs/*.sbatch", "data/*.sh", "tests/*.sh", "tests/bench/*.sh", "tests/comm/*.sh", "tests/packaging/deb.sh",
                                                "tests/packaging/install.sh", "tests/slurm/run.sh") for path in glob.glob(os.path.join(ROOT, pattern))):
            with self.subTest(path), open(path, encoding="utf-8") as file:
                lines = [line for line in file.read().splitlines() if line and not line.startswith(("#", "script="))]
                if os.access(path, os.X_OK):
                    self.assertTrue(lines[0].startswith(BOOT), lines[0])
                    self.assertRegex("\n".join(lines[:3]), r'\. "\$(\{own%/\*\}/.*preamble\.sh|jobs/batch\.sh)"')

    def test_environment_of_the_caller_changes_nothing(self):
        right = self.answer(*LAUNCH)
        self.assertEqual(right[:2], (0, "mpirun -np 3 true\n"))
        self.write("noise.bash", "echo noise; alias grep='grep --nothing' sed=false; shopt -s expand_aliases\n")
        self.write("aliases.bash", "alias grep='grep --nothing' sed=false readlink=false; shopt -s expand_aliases\n")
        everything = {}
        for name in ("cd", "ls", "dirname", "readlink", "[", "test", "command", "builtin", "unset", "set", ".", "exit", "printf", "read", "grep", "sed", "awk",
                     "nproc", "env", "mktemp", "trap"):
            everything.update(exported(name, f"echo hijacked {name}; return 3"))
        for environment in ({"CDPATH": ".:/tmp"}, exported("cd", 'builtin cd "$@" && ls'), everything, {"BASH_ENV": self.path("aliases.bash")},
                            {"SHELLOPTS": "noglob:noclobber:allexport:errexit:keyword"}, {"BASHOPTS": "nullglob:failglob:nocasematch:xpg_echo"},
                            {"POSIXLY_CORRECT": "1"}, {"GREP_OPTIONS": "--color=always", "GREP_COLORS": "mt=01;31"}, {"IFS": "/"},
                            {"GLOBIGNORE": "*"}, {"TMPDIR": "/nowhere"}, {"TMPDIR": "relative"}, {"TMPDIR": self.data},
                            {"LC_ALL": "C", "LANG": "nowhere"}, {"OMP_THREAD_LIMIT": "1"}, {"own": "/", "root": "/", "script": "x", "jobs": "/"}):
            with self.subTest(environment):
                self.assertEqual(self.answer(*LAUNCH, environment=environment), right)
        code, out, errors = self.answer(*LAUNCH, environment={"BASH_ENV": self.path("noise.bash")})
        self.assertEqual((code, out, errors), (right[0], "noise\n" + right[1], right[2]))  # its own, and none of a script that it calls
        bare = {name: value for name, value in self.environment.items() if name != "HOME"}
        done = subprocess.run([os.path.join(ROOT, LAUNCH[0]), *LAUNCH[1:]], capture_output=True, text=True, timeout=LIMIT_S, check=False, env=bare)
        self.assertEqual((done.returncode, done.stdout), right[:2])

    def test_a_site_file_changes_nothing_else(self):
        right = self.answer(*LAUNCH)
        for number, text in enumerate(("IFS=,", "shopt -s failglob nocasematch; set -eCf", "root=/nowhere; own=/; script=x; program=no", "file=1; text=2; said=/dev/null",
                                       "export CDPATH=. GREP_OPTIONS=--nothing", "set -o posix", "trap 'echo bye' EXIT ERR")):
            with self.subTest(text):
                site = self.write(f"{number}.env", text + "\n")
                self.assertEqual(self.answer(*LAUNCH, environment={"DEEPFOG_SITE": site}), right)
        for text in ("exec true", "exit 0"):
            code, out, errors = self.answer(*LAUNCH, environment={"DEEPFOG_SITE": self.write("end.env", text + "\n")})
            self.assertEqual((code, out, errors.count("\n")), (2, "", 1), errors)
            self.assertIn("end.env: ends the script", errors)

    def test_commands_get_a_path_and_numbers_a_point(self):
        script = f'own={ROOT}/jobs/launch.sh; . {ROOT}/jobs/preamble.sh; export LC_ALL=C.UTF-8; settle; env | grep -E "^(PATH=/|LC_ALL=|LC_NUMERIC=C)"'
        done = subprocess.run(["/bin/bash", "-c", script], capture_output=True, text=True, timeout=LIMIT_S, check=False, env={"LC_ALL": "C"})
        self.assertEqual(sorted(line.split("/")[0] for line in done.stdout.splitlines()), ["LC_NUMERIC=C", "PATH="], done.stderr)

    def test_every_script_finds_its_checkout(self):
        """Those that answer at once, by a relative path, with CDPATH and a cd that prints."""
        strange = {"CDPATH": ".:/tmp", **exported("cd", 'builtin cd "$@" && ls'), "OMP_THREAD_LIMIT": "1"}
        for words, code, said in ((("jobs/local.sh", "no.ini"), 2, "no.ini: cannot be read"), (("jobs/infer.sh", "--groups", "0"), 2, "--groups"),
                                  (("jobs/build.sh", "--help"), 0, ""), (("jobs/python.sh",), 0, ""), (("jobs/submit.sh", "jobs/run.sbatch", "no.ini"), 2, "no.ini"),
                                  (("jobs/run.sbatch", "no.ini"), 2, "no.ini: cannot be read"), (("data/prepare.sh", "nothing"), 2, "nothing"),
                                  (("data/get.sh", "nothing"), 2, "nothing"), (("tests/run.sh", "--help"), 0, "")):
            with self.subTest(words):
                done = self.answer(*words, at="", environment=strange, cwd=ROOT)
                self.assertEqual(done[0], code, done)
                self.assertIn(said, done[2])
                self.assertNotIn("No such file", done[2].replace("no.ini: cannot be read: No such file", ""))

    def test_closed_streams(self):
        right = self.answer(*LAUNCH)
        for closed, expected in (("<&-", right), (">&-", (0, "", right[2])), ("2>&-", (0, right[1], "")), ("<&- >&- 2>&-", (0, "", ""))):
            with self.subTest(closed):
                self.assertEqual(self.answer("bin/bash", "-c", f'exec "$0" "${{@}}" {closed}', os.path.join(ROOT, LAUNCH[0]), *LAUNCH[1:], at="/"), expected)
        self.assertEqual(self.answer("bin/bash", "-c", 'exec "$0" --ranks no x 2>&-', os.path.join(ROOT, LAUNCH[0]), at="/")[0], 2)

    def test_every_core_whatever_openmp_was_told(self):
        ranks = self.answer("jobs/launch.sh", "--print-ranks", "true")[1]
        for environment in ({"OMP_THREAD_LIMIT": "1"}, {"OMP_NUM_THREADS": "1", "OMP_THREAD_LIMIT": "1"}, {"OMP_NUM_THREADS": "2,1"}, {"OMP_THREAD_LIMIT": "none"}):
            with self.subTest(environment):
                self.assertEqual(self.answer("jobs/launch.sh", "--print-ranks", "true", environment=environment)[1], ranks)

    def test_places(self):
        """A link, a link to a link, a relative link; checkouts whose paths hold blanks, quotes, line breaks, a leading dash."""
        right = self.answer(*LAUNCH)
        os.makedirs(self.path("bin"))
        os.symlink(os.path.join(ROOT, "jobs", "launch.sh"), self.path("bin", "fog"))
        os.symlink("fog", self.path("bin", "mist"))
        os.symlink(os.path.relpath(os.path.join(ROOT, "jobs", "launch.sh"), self.path("bin")), self.path("bin", "-haze"))
        for name in ("fog", "mist", "-haze"):
            with self.subTest(name):
                self.assertEqual(self.answer(f"bin/{name}", *LAUNCH[1:], at=self.folder), right)
                self.assertEqual(self.answer("bin/bash", "-c", 'PATH=$0:$PATH; exec -- "${@}"', self.path("bin"), name, *LAUNCH[1:], at="/"), right)
        for place in ("it's a #1 place", '-x "y"', "two\nlines", "$HOME `ls` \\n", "last\n"):
            with self.subTest(place):
                shutil.copytree(os.path.join(ROOT, "jobs"), self.path(place, "jobs"))
                self.assertEqual(self.answer(f"{place}/{LAUNCH[0]}", *LAUNCH[1:], at=self.folder), right)
                self.write(os.path.join(place, "jobs", "site.env"), "DEEPFOG_RANKS=5\n")
                self.assertEqual(self.answer("jobs/launch.sh", "--print-ranks", "true", at="", cwd=self.path(place))[1], "5\n")

    def test_batch_script_belongs_to_its_own_checkout(self):
        """Not to the one of the working folder, nor to that of an earlier submission; Slurm's copy, which stands elsewhere, does."""
        self.stand_in("other/jobs", "batch.sh", "echo another checkout; exit 4")
        shutil.copy(os.path.join(ROOT, "jobs", "run.sbatch"), self.path("slurm_script"))
        other = {"DEEPFOG_ROOT": self.path("other"), "SLURM_SUBMIT_DIR": self.path("other")}
        for path, environment, said in ((os.path.join(ROOT, "jobs", "run.sbatch"), other, "no.ini: cannot be read"), (self.path("slurm_script"), other, "another checkout"),
                                        (self.path("slurm_script"), {"DEEPFOG_ROOT": ROOT}, "no.ini: cannot be read"),
                                        (self.path("slurm_script"), {"SLURM_SUBMIT_DIR": ROOT}, "no.ini: cannot be read")):
            with self.subTest((path, environment)):
                done = self.answer("bin/bash", path, "no.ini", at="/", environment=environment, cwd=self.path("other"))
                self.assertIn(said, done[1] + done[2])

    @unittest.skipUnless(shutil.which("localedef"), "needs localedef")
    def test_decimal_comma(self):
        """Times, speed-ups and the table have points, whichever variable the locale comes from."""
        made = subprocess.run(["localedef", "-i", "de_DE", "-f", "UTF-8", self.path("de_DE.UTF-8")], capture_output=True, text=True, timeout=LIMIT_S, check=False)
        if not os.path.exists(self.path("de_DE.UTF-8", "LC_NUMERIC")):
            self.skipTest("no source of de_DE: " + made.stderr)
        self.stand_in("comma-tools", "mpirun", "echo RESULT campaign=x file=y valid=1 status=complete seconds=1.5")
        self.stand_in("comma-tools", "deepfog", r"printf 'verb=run\0campaign.output=out/comma.h5\0campaign.runs=2\0'")
        for variables in (("LC_ALL",), ("LANG",), ("LC_NUMERIC",), ("LC_ALL", "LC_NUMERIC", "LANG")):
            with self.subTest(variables):
                code, out, errors = self.answer("jobs/scaling.sbatch", "small.ini", "--ranks", "1 2", "--kinds", "weak", "--restart", environment={
                    "PATH": self.path("comma-tools") + os.pathsep + os.environ["PATH"], "DEEPFOG_BUILD_DIR": self.path("comma-tools"),
                    "LOCPATH": self.folder, **{name: "de_DE.UTF-8" for name in variables}})
                self.assertEqual(code, 0, errors)
                self.assertEqual(re.findall("speedup=.*", out), ["speedup=1.000 efficiency=1.000", "speedup=2.000 efficiency=1.000"])
                with open(self.path("out/comma.scaling.csv"), encoding="utf-8") as file:
                    self.assertEqual({line.count(",") for line in file}, {6})


if __name__ == "__main__":
    unittest.main()
