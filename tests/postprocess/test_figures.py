"""What the figures draw, read back from their objects."""
import os
import tempfile
import unittest

import numpy as np

import sample
import figures
import resilience
import results


class Figures(unittest.TestCase):
    def read(self, **how):
        with tempfile.TemporaryDirectory() as folder:
            return results.read(sample.build(os.path.join(folder, "r.h5"), **how))

    def test_bars_are_the_averages_and_whiskers_the_intervals(self):
        content = self.read(runs=3)
        figure = figures.average_accuracy(content)
        self.assertEqual(len(figure.axes), 2)
        for panel, experiment in zip(figure.axes, content.experiments):
            pairs = [resilience.mean_interval(model.average[name]) for model in experiment.models for name in experiment.settings]
            bars = [bar for group in panel.containers if hasattr(group, "patches") for bar in group.patches]
            np.testing.assert_allclose([bar.get_height() for bar in bars], [100 * mean for mean, _ in pairs])
            whiskers = [segment for group in panel.containers if hasattr(group, "has_yerr") for segment in group.lines[2][0].get_segments()]
            np.testing.assert_allclose([top[1] - bottom[1] for bottom, top in whiskers], [200 * half for _, half in pairs])
            self.assertEqual([tick.get_text() for tick in panel.get_xticklabels()], ["No failure", "Normal", "Poor", "Hazardous"])
            self.assertEqual(len({(bar.get_facecolor(), bar.get_hatch()) for bar in bars}), 3)
            self.assertEqual(sorted({round(bar.get_x() + bar.get_width() / 2) for bar in bars}), [0, 1, 2, 3])

    def test_lines_are_the_means_by_failed_nodes(self):
        content = self.read(runs=2)
        for panel, experiment in zip(figures.failed_nodes(content).axes, content.experiments):
            for line, model in zip(panel.get_lines(), experiment.models):
                mean = resilience.by_failed_nodes(model.accuracy, len(experiment.nodes))[1].mean(axis=0)
                np.testing.assert_allclose(line.get_ydata(), 100 * mean)
            guess = panel.get_lines()[len(experiment.models)].get_ydata()
            np.testing.assert_allclose(guess, 100 * experiment.guess_accuracy)

    def test_every_panel_names_data_split_and_runs(self):
        content = self.read(runs=2, done=1, origin="synthetic")
        for draw in (figures.average_accuracy, figures.failed_nodes):
            figure = draw(content)
            self.assertIn("[INCOMPLETE] [SYNTHETIC DATA]", figure._suptitle.get_text())
            self.assertTrue(any(text.get_text().startswith("INCOMPLETE: 6 of 12") for text in figure.texts))
            for panel, experiment in zip(figure.axes, content.experiments):
                self.assertEqual(panel.get_title(loc="left"), f"{experiment.label} – SYNTHETIC DATA")
                words = [text.get_text() for text in panel.texts]
                self.assertTrue(any("(SYNTHETIC DATA), split rows" in word and "1 of 2 runs" in word for word in words))
                self.assertIn("INCOMPLETE · SYNTHETIC", words)

    def test_nothing_is_cut_off(self):
        for how in ({"runs": 2}, {"runs": 2, "done": 1, "experiments": ("health",), "origin": "synthetic", "valid": np.uint8(0),
                                  "invalid_reasons": "; ".join(["a long reason " * 20] * 9)}):
            for _, draw in figures.all_figures():
                figure = draw(self.read(**how))
                figure.canvas.draw()
                renderer = figure.canvas.get_renderer()
                width, height = figure.bbox.size
                for text in figure.findobj(lambda artist: hasattr(artist, "get_text") and artist.get_text() and artist.get_visible()):
                    box = text.get_window_extent(renderer)
                    self.assertTrue(-1 <= box.x0 and box.x1 <= width + 1 and -1 <= box.y0 and box.y1 <= height + 1, text.get_text())

    def test_experiments_with_different_models_have_legends_of_their_own(self):
        content = self.read(runs=1)
        content.experiments[1].models.pop()
        figure = figures.average_accuracy(content)
        self.assertEqual(figure.legends, [])
        self.assertEqual([len(panel.get_legend().get_texts()) for panel in figure.axes], [3, 2])


if __name__ == "__main__":
    unittest.main()
