"""The configs that jobs/skip_search.py makes."""
import configparser
import json
import os
import shutil
import tempfile
import types
import unittest

import sample  # pylint: disable=unused-import
import program  # pylint: disable=unused-import,wrong-import-order

# pylint: disable=wrong-import-order
import skip_families
import skip_models
from deepfog.program import InputError

PRINTED = """\
[campaign]
name = c                                  # c.ini:2
runs = 4                                  # default

[experiment.e]
dataset = made                            # c.ini:5
reliability.low = a:0.9 b:0.8             # c.ini:6
reliability.high = a:0.99 b:0.98          # c.ini:7
models = m other                          # default

[model.e.m]
topology = t.topology                     # c.ini:9
let.WIDTH = relu:5                        # c.ini:10
without_skips = in->c                     # c.ini:11
epochs = 7                                # c.ini:12

[model.e.other]
topology = t.topology                     # c.ini:14
weights_of = m                            # c.ini:15
"""


def ini(text):
    """{section: {key: value}} of a config file; what follows a comment sign stays."""
    reader = configparser.RawConfigParser(delimiters=("=",))
    reader.optionxform = str
    reader.read_string(text)
    return {name: dict(reader[name]) for name in reader.sections()}


def printed(text):
    """As deepfog run --print-config=json prints a config."""
    values = {name: {key: {"value": value.split("  #")[0].strip(), "where": "c.ini:1"} for key, value in keys.items()} for name, keys in ini(text).items()}
    return json.dumps({"verb": "run", "sections": values})


class SkipModelsTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        with open(os.path.join(self.folder, "t.topology"), "w", encoding="utf-8") as file:
            file.write("link in -> b skip\nlink a->c skip\nlink in -> c skip\nlink a -> b\n")

    def base(self, **changed):
        options = {"config": os.path.join(self.folder, "c.ini"), "experiment": "e", "model": "m", "setting": None, "runs": None, **changed}
        self.options = types.SimpleNamespace(**options)
        return skip_models.Base(printed(PRINTED), self.options)

    def test_on_the_same_weights_one_model_is_trained(self):
        base = self.base()
        self.assertEqual(self.options.setting, "high")
        self.assertEqual(base.every, {"in->b", "a->c"})
        found = ini(base.config(skip_families.subsets(base.every), "same", "o.h5"))
        self.assertEqual(list(found), ["campaign", "experiment.e", "model.e.m", "model.e.none", "model.e.with_a-c", "model.e.with_in-b"])
        self.assertEqual(found["campaign"], {"name": "skips-m", "runs": "4", "confusion": "false", "output": "o.h5"})
        self.assertNotIn("models", found["experiment.e"])
        topology = {"topology": os.path.join(self.folder, "t.topology"), "let.WIDTH": "relu:5"}
        self.assertEqual(found["model.e.m"], {**topology, "epochs": "7", "without_skips": "in->c"})
        self.assertEqual(found["model.e.with_a-c"], {**topology, "weights_of": "m", "without_skips": "in->c in->b"})

    def test_retrained_every_model_has_the_seeds_of_the_first(self):
        base = self.base(runs=2)
        found = ini(base.config([base.every, frozenset()], "retrained", "o.h5"))
        self.assertEqual(found["campaign"]["runs"], "2")
        self.assertNotIn("seeds_of", found["model.e.m"])
        self.assertEqual((found["model.e.none"]["seeds_of"], found["model.e.none"]["epochs"]), ("m", "7"))

    def test_names_fit_a_config(self):
        base = self.base()
        base.every = frozenset(f"a_long_name_{place:02d}->b" for place in range(12))
        names = [base.name_of(kept) for kept in skip_families.subsets(base.every)]
        self.assertEqual(len(set(names)), 2 ** 12)
        self.assertLessEqual(max(map(len, names)), 64)
        self.assertEqual(base.name_of(base.every - {"a_long_name_00->b"}), "subset_ffe")

    def test_what_is_not_there_is_said(self):
        for changed, words in (({"experiment": "x"}, "not in .*(e)"), ({"model": "x"}, r"not in \[experiment.e\] of .* \(m, other\)"), ({"setting": "x"}, r"\(low, high\)"),
                               ({"model": "other"}, "is swept with the weights of m")):
            self.assertRaisesRegex(InputError, words, self.base, **changed)


if __name__ == "__main__":
    unittest.main()
