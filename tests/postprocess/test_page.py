"""The page of a results file: everything in one file, nothing from elsewhere, and its sliders give Equation 3."""
import html
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

import numpy as np

import sample  # puts postprocess/ into the path
import sample_right

# pylint: disable=wrong-import-order
import network
import page
import report
import resilience
import results

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
LIMIT_S = 120
CHAIN = """topology t   # a comment
source cam1 3x32x32
source left 4
node near relu:16
stage near-summary on near linear:3
node cloud max relu:8*2 linear:3
link cam1 -> near
link left -> cloud skip
link near -> near-summary
link near -> cloud
link near-summary -> cloud
"""


def render(path):
    content = results.read(path)
    return page.render(content, path, report.all_tables(content)).decode()


def data_of(text):
    return json.loads(re.search(r'id="data">(.*?)</script>', text, re.S)[1])


class PageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.path = os.path.join(cls.folder, "sample.h5")
        sample_right.add(sample.build(cls.path))
        cls.text = render(cls.path)

    def test_nothing_comes_from_elsewhere(self):
        links = [link for link in re.findall(r"https?://[^\s\"'<]+", self.text) if link != "http://www.w3.org/2000/svg"]
        self.assertEqual(links, [])
        self.assertIn("default-src 'none'", self.text)
        self.assertIsNone(re.search(r"<(link|img|iframe)\b|\bsrc=|@import|url\(|fetch\(|XMLHttpRequest", self.text))
        self.assertLess(len(self.text.encode()), 2_000_000)
        self.assertNotIn("{{", self.text)

    def test_the_tables_of_all_combinations_are_in_it(self):
        content = results.read(self.path)
        data = data_of(self.text)
        self.assertEqual([e["name"] for e in data["experiments"]], [e.name for e in content.experiments])
        for shown, experiment in zip(data["experiments"], content.experiments):
            self.assertEqual(shown["nodes"], experiment.nodes)
            for model, original in zip(shown["models"], experiment.models):
                np.testing.assert_allclose(model["runs"], original.accuracy, atol=5.1e-7)
                self.assertEqual(model["flow"], original.flow.astype(int).tolist())

    def test_state_provenance_and_words_that_could_be_code(self):
        self.assertIn('class="state good">VALID, complete<', self.text)
        self.assertIn("OMP_NUM_THREADS=1", self.text)
        path = os.path.join(self.folder, "odd.h5")
        sample.build(path, done=1, origin="synthetic", command_line="deepfog </script><b>&", invalid_reasons="a <i>b</i>", valid=np.uint8(0))
        text = render(path)
        self.assertIn("SYNTHETIC DATA", text)
        self.assertIn("INCOMPLETE", text)
        self.assertNotIn("<i>b", text)
        self.assertEqual(text.count("</script>"), 2)

    def test_large_tables_are_the_mean_over_the_runs_or_left_out(self):
        before = page.MOST_VALUES
        self.addCleanup(setattr, page, "MOST_VALUES", before)
        page.MOST_VALUES = 20
        models = data_of(render(self.path))["experiments"][0]["models"]
        self.assertEqual({len(model["runs"]) for model in models}, {1})
        page.MOST_VALUES = 4
        self.assertEqual(data_of(render(self.path))["experiments"], [])

    @unittest.skipUnless(BROWSER, "no Chromium here")
    def test_a_slider_moved_in_a_browser_gives_equation_3(self):
        content = results.read(self.path)
        experiment = content.experiments[0]
        moved = """<script>
const section = document.getElementById("experiment-%s"), slider = section.querySelector("input[data-node]");
slider.value = .125; slider.dispatchEvent(new Event("input"));
const averages = [...section.querySelectorAll("td[data-average]")].map(cell => [cell.dataset.model, Number(cell.dataset.average)]);
const noises = [...section.querySelectorAll("td[data-noise]")].map(cell => Number(cell.dataset.noise));
const report = document.createElement("pre"); report.id = "seen";
report.textContent = JSON.stringify({averages, noises, svgs: section.querySelectorAll("svg").length, slider: slider.dataset.node});
document.body.append(report);</script></body>""" % experiment.name
        name = os.path.join(self.folder, "moved.html")
        with open(name, "w", encoding="utf-8") as file:
            file.write(self.text.replace("</body>", moved))
        done = subprocess.run([BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir=" + os.path.join(self.folder, "profile"),
                               "--dump-dom", "file://" + name], capture_output=True, text=True, timeout=LIMIT_S, check=False)
        found = re.search(r'<pre id="seen">(.*?)</pre>', done.stdout, re.S)
        self.assertIsNotNone(found, done.stderr[-2000:])
        seen = json.loads(html.unescape(found[1]))
        self.assertGreaterEqual(seen["svgs"], 2)
        setting = list(experiment.settings.values())[-1].copy()
        setting[experiment.nodes.index(seen["slider"])] = 0.125
        self.assertEqual(len(seen["averages"]), len(experiment.models))
        for (name, average), noise, model in zip(seen["averages"], seen["noises"], experiment.models):
            expected = model.right.weighted(model.right.chances(setting)).mean(axis=0)
            self.assertAlmostEqual(noise, expected.std(ddof=1) / np.sqrt(expected.size), places=6)
            self.assertEqual(name, model.name)
            self.assertAlmostEqual(average, float(resilience.average(model.accuracy, setting).mean()), places=6)


class NetworkTest(unittest.TestCase):
    def test_nodes_stand_behind_what_they_need(self):
        drawn = network.read(CHAIN)
        self.assertEqual(drawn.sources, ["cam1", "left"])
        self.assertEqual(drawn.places, {"cam1": (0, 0), "left": (0, 1), "near": (1, 0), "cloud": (2, 0)})
        self.assertEqual(sorted(drawn.links), [("cam1", "near", False, 32 * 3072), ("left", "cloud", True, 32 * 4), ("near", "cloud", False, 32 * 19)])
        self.assertEqual((drawn.columns, drawn.rows), (3, 2))

    def test_an_arrow_needs_no_blanks(self):
        self.assertEqual(network.read(CHAIN.replace(" -> ", "->")).links, network.read(CHAIN).links)

    def test_what_has_no_links_is_not_drawn(self):
        self.assertIsNone(network.read("topology t\nnode a linear:3\n"))
        self.assertIsNone(network.read("link a -> b\n"))
        self.assertIsNone(network.read(""))

    def test_bits_of_a_link_by_what_its_sender_computes(self):
        cases = {"binary-conv:4": 4 * 4 * 3, "conv:4": 32 * 4 * 4 * 3, "conv3:6/2": 32 * 6 * 4 * 3, "separable:6*2": 32 * 6 * 8 * 5, "residual-conv:5/3": 32 * 5 * 3 * 2,
                 "conv3:6 pool": 32 * 6, "relu:7*2 dropout:0.5": 32 * 7, "rescale residual:9": 32 * 9, "binary-conv:4 dropout:.1": 48, "unheard-of:3": None,
                 "relu:4 conv3:2": None, "": 32 * 3 * 8 * 5}
        for layers, bits in cases.items():
            drawn = network.read(f"source s 3x8x5\nnode d {layers}\nnode c linear:3\nlink s -> d\nlink d -> c\n".replace("node d \n", "node d\n"))
            self.assertEqual(drawn.links[-1][3], bits, layers)

    def test_series_and_lets(self):
        text = "let CELL gru\nlet ALL $CELL:8 last\nsource s 23x1x50\nnode a $CELL:8\nnode b $ALL\nnode c linear:3\nlink s -> a\nlink a -> b\nlink b -> c\n"
        self.assertEqual([link[3] for link in network.read(text.replace("let ALL $CELL:8", "let ALL gru:8")).links], [32 * 23 * 50, 32 * 8 * 50, 32 * 8])

    def test_what_meets_is_as_wide_as_the_widest(self):
        text = "source s 3x4x4\nsource t 5x4x4\nsource u 9x8x8\nnode m {}\nnode c linear:3\nlink s -> m\nlink t -> m\nlink u -> m expand=pool\nlink m -> c\n"
        self.assertEqual(network.read(text.format("")).links[-1][3], 32 * 9 * 16)
        self.assertEqual(network.read(text.format("conv3:2")).links[-1][3], 32 * 2 * 16)
        self.assertEqual(network.read(text.replace(" expand=pool", "").format("concat")).links[-1][3], 32 * (8 * 16 + 9 * 64))

    def test_every_shipped_topology_has_a_size_on_every_link(self):
        folder = os.path.join(sample.ROOT, "configs", "topologies")
        for name in sorted(os.listdir(folder)):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                drawn = network.read(file.read())
            self.assertTrue(all(link[3] for link in drawn.links), name)


if __name__ == "__main__":
    unittest.main()
