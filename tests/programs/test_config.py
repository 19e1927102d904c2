"""deepfog config and --print-config=json: what scripts ask instead of reading the text that people read."""
import json
import os
import subprocess
import unittest

from harness import LIMIT_S, PROGRAM, ProgramTest

STUDY = "name = p\nnetwork = vgg_bn_small\ndataset = cifar10\n[experiment.d4]\ndevices = 4\n[model.lop]\nmethod = lop\n"


def unique(pairs):
    """A JSON object none of whose keys comes twice."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError(f"a key twice: {[key for key, _ in pairs]}")
    return found


class ConfigTest(ProgramTest):
    def bytes_of(self, *arguments):
        done = subprocess.run([PROGRAM, *arguments], capture_output=True, timeout=LIMIT_S, check=False, cwd=self.folder, env=self.environment,
                              stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_verb_of_a_config(self):
        """However its sections are spelled, and nothing that merely looks like one."""
        cases = (("[partition]\n" + STUDY, "partition"), ("[ partition ]\n" + STUDY, "partition"), ("  [partition]  # [campaign]\n" + STUDY, "partition"),
                 ("\ufeff[partition]\r\n" + STUDY, "partition"), ("[\tpartition\t]\n" + STUDY, "partition"), ("# [partition]\n[campaign]\nname = x\n", "run"),
                 ("[campaign]\nname = x ; [partition]\n", "run"), ("\n\n [inference ]\nweights = x.h5\n", "infer"))
        names = [self.write(f"verb{place}.ini", text) for place, (text, _) in enumerate(cases)]
        self.assertEqual(self.run_well("config", "verb", *names).stdout.split(), [verb for _, verb in cases])
        self.assertEqual(self.run_well("config", "verb", "--config", "small.ini").stdout, "run\n")

    def test_get(self):
        asked = ("config", "get")
        given = ("--config", "small.ini", "--set", "runs=7", "experiment.sensors.epochs=3", "--restart", "--progress", "never")
        self.assertEqual(self.run_well(*asked, "campaign.output", "campaign.runs", "verb", *given).stdout, "out/small.h5\n7\nrun\n")
        self.assertEqual(self.run_well(*asked, "*.dataset", "model.sensors.*.training", *given).stdout, "sensors\nstandard\nfailout\n")
        self.assertEqual(self.run_well(*asked, "campaign.device", *given).stdout, "cpu\n")  # what the text leaves out, too
        self.write("study.ini", "[ partition ]\n" + STUDY)
        self.assertEqual(self.run_well(*asked, "partition.output", "*.devices", "--config", "study.ini").stdout, "results/p.h5\n4\n")
        self.assertEqual(self.run_well(*asked, "inference.output", "inference.batch", "--weights", "w.h5", "--batch", "9", "--fail", "crash a round 1").stdout,
                         "results/inference.h5\n9\n")

    def test_get_refuses(self):
        for words, message in ((("get", "campaign.outptu", "--config", "small.ini"), "did you mean campaign.output?"), (("get", "--config", "small.ini"), "no key given"),
                               (("get", "campaign.runs"), "no config file given (--config FILE"), (("get", "*.nothing", "--config", "small.ini"), "no such value"),
                               (("get", "campaign.runs", "--config", "none.ini"), "none.ini: cannot be read"), (("list", "x", "--config", "small.ini"), "get takes keys"),
                               (("verb",), "no config file given"), (("gte", "x"), "unknown question"), ((), "nothing asked"),
                               (("list", "--config", "small.ini", "--outptu", "x"), "--outptu"), (("list", "--config", "small.ini", "--set", "runs=0"), "runs")):
            with self.subTest(words):
                done = self.deepfog("config", *words)
                self.assertEqual((done.returncode, done.stdout, len(done.stderr.splitlines())), (2, "", 1), done.stderr)
                self.assertIn(message, done.stderr)
        done = self.deepfog("run", "--config", "small.ini", "--print-config=xml")
        self.assertEqual((done.returncode, done.stderr), (2, "deepfog: error: --print-config=xml: unknown form (ini, json allowed)\n"))

    def test_values_may_hold_anything(self):
        """Comment signs, quotes, blanks at the end, bytes that are no text: raw from get and list, and whole from JSON. Line breaks and
        other control characters are refused: a RESULT line could not name such a file."""
        for value in (b"out/two\nlines = 3.h5", b"out/\x01.h5", b"out/a\t.h5"):
            done = subprocess.run(self.command("config", "get", "campaign.output", "--config", "small.ini", "--output", value), capture_output=True,
                                  cwd=self.folder, env=self.environment, timeout=LIMIT_S, check=False)
            self.assertEqual((done.returncode, done.stdout), (2, b""), done.stderr)
        for value in (b"out/a # b.h5", b"out/\"q\" 'r' \\.h5", b"out/\xff\xc3\xa4.h5", "out/ä €😀.h5 ".encode(), b"out/\xed\xa0\x80\xc0\xaf.h5"):
            with self.subTest(value):
                given = ("--config", "small.ini", "--output", value)
                self.assertEqual(self.bytes_of("config", "get", "campaign.output", "--null", *given), value + b"\0")
                text = self.bytes_of("run", *given, "--print-config=json").decode()
                printed = json.loads(text, object_pairs_hook=unique)
                self.assertEqual(os.fsencode(printed["sections"]["campaign"]["output"]["value"]), value)
                self.assertEqual(printed["sections"]["campaign"]["output"]["where"], "--output")
        listed = self.bytes_of("config", "list", "--null", *given).split(b"\0")
        self.assertEqual((listed[0], listed[-1]), (b"verb=run", b""))
        self.assertIn(b"campaign.output=" + value, listed)

    def test_json_has_what_the_text_has(self):
        self.write("study.ini", "[partition]\n" + STUDY)
        for words in (("run", "--config", "small.ini"), ("partition", "--config", "study.ini"), ("infer", "--weights", "w.h5", "--check")):
            with self.subTest(words):
                printed = json.loads(self.run_well(*words, "--print-config=json").stdout, object_pairs_hook=unique)
                self.assertEqual(printed["verb"], words[0])
                section = None
                for line in self.run_well(*words, "--print-config").stdout.splitlines():
                    if line.startswith("["):
                        section = printed["sections"][line[1:-1]]
                    elif line:
                        key, rest = line.split(" = ", 1)
                        value, where = rest.rsplit("  # ", 1)
                        self.assertEqual(section[key], {"value": value.rstrip(), "where": where})


if __name__ == "__main__":
    unittest.main()
