"""Distributed runs of cut networks: RobustDiCE's Table 2, hundreds of hyperconnections folded by pair of nodes."""
import math
import unittest

import h5py
import numpy as np

from report_case import ReportCase
import sample_cut
import sample_inference
import inference
import inference_figures
import inference_traffic
import results


class Case(ReportCase):
    def run_of(self, **how):
        return results.read(sample_cut.build(self.path, **how)).inference[0]


class Performance(Case):
    def test_figures_by_hand(self):
        p = inference_traffic.performance(self.run_of())
        # 30 calm rounds of 2 images, a frame each 5 ms, the last answered after 1 ms.
        self.assertEqual((p.calm, p.rounds), (True, 30))
        self.assertAlmostEqual(p.frames_per_s, 30 / .146)
        self.assertAlmostEqual(p.images_per_s, 60 / .146)
        self.assertEqual(p.latency_us, 500)
        # 4 layers of 6 links between devices and 3 to the host; 60 rounds, 54 vectors and 6 Φ on each; 120 images.
        self.assertAlmostEqual(p.bytes, 27 * (54 * 100 + 60 * 32) / 120)
        self.assertAlmostEqual(p.messages, 27 * 60 / 120)
        self.assertEqual((p.device, p.resident), ("d2", 70 << 20))  # not the host's
        self.assertAlmostEqual(p.energy, 6 / 120)
        self.assertAlmostEqual(p.energy_all, 112.5 / 120)
        self.assertEqual((p.known, p.nodes), (4, 4))

    def test_groups_work_side_by_side(self):
        one, two = inference_traffic.performance(self.run_of()), inference_traffic.performance(self.run_of(groups=2))
        self.assertAlmostEqual(two.images_per_s, 2 * one.images_per_s)
        self.assertAlmostEqual(two.bytes, one.bytes)
        self.assertAlmostEqual(two.energy, one.energy)  # of a group's device, for that group's images
        self.assertAlmostEqual(two.energy_all, one.energy_all)

    def test_without_a_calm_round_all_count_and_it_is_said(self):
        p = inference_traffic.performance(self.run_of(calm=False))
        self.assertEqual((p.calm, p.rounds, p.latency_us), (False, 30, 2000))
        self.assertRegex(self.report(), r"\ncut +30 \(failures\) ")

    def test_nothing_measured(self):
        p = inference_traffic.performance(self.run_of(rounds=0))
        self.assertTrue(all(math.isnan(value) for value in (p.frames_per_s, p.images_per_s, p.latency_us, p.bytes, p.messages, p.energy)))
        self.assertRegex(self.report(), r"\ncut +0 +– +– +– +– +– +70.0 \(d2\) +not available +not available\n")

    def test_energy_is_never_made_up(self):
        self.run_of(energy=False)
        self.assertEqual(self.read_performance()["energy_j_per_image"], "")
        self.assertIn(" energy_j_per_image=none ", self.report())
        self.run_of()
        with h5py.File(self.path, "r+") as file:
            file["inference/cut/nodes/energy_j"][1] = np.nan
            file["inference/cut/nodes/reported"][0] = 0
        self.assertRegex(self.report(), r" 0.0375 \(2 of 4 known\) +0.8625 \(2 of 4 known\)\n")

    def read_performance(self):
        self.report()
        return self.read_csv("inference_performance")[0]

    def test_table_csv_and_line(self):
        p, row = inference_traffic.performance(self.run_of()), self.read_performance()
        self.assertEqual([float(row[name]) for name in ("frames_per_s", "images_per_s", "latency_per_image_us", "bytes_per_image", "messages_per_image",
                                                        "resident_bytes", "energy_j_per_image", "energy_j_per_image_all")],
                         [p.frames_per_s, p.images_per_s, p.latency_us, p.bytes, p.messages, p.resident, p.energy, p.energy_all])
        self.assertEqual((row["largest_device"], row["cut"], row["failure_free"], row["rounds"]), ("d2", "1", "1", "30"))
        out = self.report()
        self.assertRegex(out, r"\ncut +30 +205.5 +411.0 +0.5 +1.6 +13.5 +70.0 \(d2\) +0.05 +0.9375\n")
        self.assertIn("RESULT inference=cut rounds=60 p50_us=2500.0 failure_free_rounds=30 frames_per_s=205.48 images_per_s=410.96 latency_per_image_us=500.0"
                      " bytes_per_image=1647.0 messages_per_image=13.50 largest_device=d2 resident_bytes=73400320 energy_j_per_image=0.050000 "
                      "data=real ending=complete\n", out)

    def test_the_host_of_another_network_is_a_device(self):
        self.run_of()
        with h5py.File(self.path, "r+") as file:
            del file["inference/cut/topology/text"]
            sample_inference.table(file["inference/cut"], "topology/text", np.bytes_("topology t\nnode host relu:4\n"))
        run = results.read(self.path).inference[0]
        self.assertFalse(run.cut)
        self.assertEqual(inference_traffic.performance(run).device, "host")


class Folding(Case):
    def test_pairs_are_sums_over_their_links(self):
        run = self.run_of(groups=2)
        pairs, local = inference_traffic.pairs(run)
        self.assertEqual((len(run.links), local), (5 * 3 + 4 * 9 + 3 + 3, 3 + 5 * 3 + 4 * 3))
        self.assertEqual([(pair.sender, pair.receiver, pair.links) for pair in pairs],
                         [(a, b, 4) for b in ("d1", "d2", "d3") for a in ("d1", "d2", "d3") if a != b] + [(d, "host", 1) for d in ("d1", "d2", "d3")])
        for pair in pairs:
            self.assertEqual(pair.counts["messages"], 2 * 54 * pair.links)
            self.assertEqual(pair.counts["bytes_measured"], 2 * pair.links * (54 * 100 + 60 * 32))
        self.assertEqual(sum((pair.hops_us for pair in pairs), []), [1, 2, 3, 4, 5, 6])
        self.assertEqual(sum(pair.counts["bytes_measured"] for pair in pairs), run.tables["links"]["bytes_measured"].sum())

    def test_the_table_is_short_and_the_csv_whole(self):
        run = self.run_of()
        out = self.report()
        self.assertRegex(out, r"\ncut  d2->d1 \(4 links\) +216 +24 +29,280 +21,600 +0 +0 +0 +0 +0.001\n")
        self.assertRegex(out, r"\ncut  d3->host \(1 link\) +54 +6 +7,320 +5,400 +0 +0 +0 +0 +–\n")
        self.assertRegex(out, r"\ncut  inside a node or from a source \(30 links\) +local +0 +0 +0 +0 +–\n")
        self.assertIn("cut: 57 hyperconnections, summed by pair of nodes; the CSV has each.\n", out)
        self.assertNotIn("d1-in-0", out)
        self.assertEqual([row["link"] for row in self.read_csv("inference_links")], run.links)

    def test_few_links_are_shown_one_by_one(self):
        sample_inference.build(self.path, rounds=2)
        out = self.report()
        self.assertNotIn("summed by pair of nodes", out)
        self.assertIn("study  e1->f2 ", out)

    def test_stages_and_their_nodes(self):
        homes, cut = inference._stages("node a relu:4\nnode b # relu:3\nstage x on b part:2\n stage y on a gather:4 # z\nstage bad a\n")
        self.assertEqual((homes, cut), ({"a": "a", "x": "b", "y": "a"}, True))
        self.assertEqual(inference._stages("node part relu:4\nstage gather on part relu:4\n")[1], False)

    def test_the_figure_of_traffic(self):
        content = results.read(sample_cut.build(self.path))
        figure = dict(inference_figures.all_figures(content))["inference_traffic_cut"](content)
        table = np.asarray(figure.axes[0].get_images()[0].get_array().filled(np.nan))
        each = (54 * 100 + 60 * 32) / 120 / 1000
        expected = np.full((4, 4), np.nan)
        expected[:3, :3] = 4 * each
        np.fill_diagonal(expected, np.nan)
        expected[:3, 3] = each
        np.testing.assert_allclose(table, expected)
        self.assertEqual([tick.get_text() for tick in figure.axes[0].get_yticklabels()], sample_cut.NODES)
        self.assertEqual(sum(text.get_text() == f"{4 * each:.3g}" for text in figure.axes[0].texts), 6)
        sample_inference.build(self.path, rounds=2)
        self.assertFalse(any("traffic" in name for name, _ in inference_figures.all_figures(results.read(self.path))))

    def test_a_thousand_links_take_no_time(self):
        self.addCleanup(setattr, sample_cut, "LAYERS", sample_cut.LAYERS)
        sample_cut.LAYERS = 90
        self.assertGreater(len(sample_cut.topology()[1]), 1000)
        sample_cut.build(self.path)
        self.assertLess(len(self.report().splitlines()), 120)


if __name__ == "__main__":
    unittest.main()
