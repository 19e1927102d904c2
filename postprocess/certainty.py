"""How sure the averages of a results file are, and which differences between models are more than noise."""
import numpy as np

import summary
import uncertainty
from tables import Table

MOST_CELLS = 60_000_000  # runs x samples of all figures of an experiment: beyond that the bootstrap would take minutes
NOTE = ("Two-level bootstrap: runs and test samples drawn anew, independently of each other, 2,000 times. Training noise and test noise: standard errors "
        "from the runs alone and from the samples alone, points. Differences are between the same runs and the same samples.")
APART = "≈: the 95 % interval of the difference holds 0, so the two are not told apart. Each interval stands for itself, none is widened for their number."


class Certainty:
    """Estimates of every model with samples' own results, under every setting of one experiment, all from the same draws."""

    def __init__(self, experiment):
        models = [model for model in experiment.compared if model.right is not None and len(model.runs)]
        runs = summary.runs_in_common(models)
        figures = [(setting, model.name) for setting in experiment.settings for model in models]
        self.runs, self.found = len(runs), {}
        if not runs or len(figures) * len(runs) * experiment.test_samples > MOST_CELLS:
            return
        by_model = [model.right.weighted([model.right.chances(r) for r in experiment.settings.values()])[:, np.searchsorted(model.runs, runs)] for model in models]
        self.found = dict(zip(figures, uncertainty.estimates(np.concatenate(np.stack(by_model, axis=1)))))

    def __bool__(self):
        return bool(self.found)

    def figure(self, setting, model):
        """The Estimate of a model's average accuracy; None where there is none."""
        return self.found.get((setting, model.name))

    def difference(self, setting, model, other):
        """The Estimate of model less other; None where one of them has none."""
        one, two = self.figure(setting, model), self.figure(setting, other)
        return None if one is None or two is None else one.less(two)


def interval(low, high, sign=""):
    """'[98.10, 98.30]' in percent."""
    return f"[{100 * low:{sign}.2f}, {100 * high:{sign}.2f}]"


def all_tables(results):
    """Averages with both kinds of noise, the differences between models, the ranking of nodes; only where the file has results by sample."""
    known = [experiment for experiment in results.experiments if experiment.certainty]
    return [averages(results, known), differences(results, known), nodes(results, known)] if known else []


def _table(results, name, title, header, csv_header, notes, left=3):
    return Table(name, title + summary.title_marks(results), header, [], notes, left, summary.CSV_START + csv_header, [])


def averages(results, known):
    """A line a setting and model."""
    table = _table(results, "certainty", "How sure the averages are", ["Experiment", "Setting", "Model", "Accuracy, %", "95 % interval", "Training noise", "Test noise", "Runs"],
                   "setting model mean ci95_low ci95_high se_training se_test runs samples".split(), [NOTE])
    for experiment in known:
        for setting in experiment.settings:
            table.rows += [None] if table.rows else []
            for model in experiment.compared:
                found = experiment.certainty.figure(setting, model)
                if found is None:
                    continue
                low, high = max(0.0, found.low), min(1.0, found.high)
                noise = "–" if np.isnan(found.training) else f"{100 * found.training:.2f}"
                table.rows.append([summary.marked(experiment), summary.setting_label(setting), model.label, f"{100 * found.mean:.2f}",
                                   interval(low, high), noise, f"{100 * found.test:.2f}", str(experiment.certainty.runs)])
                table.csv_rows.append(summary.start(results, experiment) + [setting, model.name] + [repr(x) for x in (found.mean, low, high, found.training, found.test)]
                                      + [experiment.certainty.runs, experiment.test_samples])
    return table


def differences(results, known):
    """Every model against the first of its experiment and against the best of the setting; all pairs in the CSV."""
    table = _table(results, "differences", "Which differences are more than noise", ["Experiment", "Setting", "Model", "To the first, points", "95 % interval", "",
                                                                                      "To the best, points", "95 % interval", ""],
                   "setting model other difference ci95_low ci95_high told_apart runs".split(), [NOTE, APART])
    for experiment in known:
        sure = experiment.certainty
        for setting in experiment.settings:
            models = [model for model in experiment.compared if sure.figure(setting, model) is not None]
            if len(models) < 2:
                continue
            best = max(models, key=lambda model, setting=setting, sure=sure: sure.figure(setting, model).mean)
            table.rows += [None] if table.rows else []
            for model in models:
                cells = []
                for other, word in ((models[0], "first"), (best, "best")):
                    found = sure.difference(setting, model, other)
                    cells += [word, "", ""] if model is other else [f"{100 * found.mean:+.2f}", interval(found.low, found.high, "+"), "" if found.told_apart else "≈"]
                table.rows.append([summary.marked(experiment), summary.setting_label(setting), model.label] + cells)
            for place, model in enumerate(models):
                for other in models[:place]:
                    found = sure.difference(setting, model, other)
                    table.csv_rows.append(summary.start(results, experiment) + [setting, model.name, other.name] + [repr(x) for x in (found.mean, found.low, found.high)]
                                          + [int(found.told_apart), sure.runs])
    return table


def ranking(experiment, model, setting):
    """[(node, Estimate of the Shapley value of hardening it, share of the draws in which it comes first)], best first."""
    values = model.right.weighted(model.right.hardening(experiment.settings[setting]))
    found = uncertainty.estimates(values)
    first = np.bincount(np.argmax([one.draws for one in found], axis=0), minlength=len(found)) / uncertainty.DRAWS
    return sorted(zip(experiment.nodes, found, first), key=lambda row: -row[1].mean)


def nodes(results, known):
    """Which node to harden first under the hardest setting, for the first model and the best."""
    table = _table(results, "node_importance", "Which node to harden: Shapley value of making it perfect, points of average accuracy",
                   ["Experiment", "Setting", "Model", "Node", "Survives, %", "Shapley", "95 % interval", "First in", "", "Runs"],
                   "setting model node reliability shapley ci95_low ci95_high se_training se_test first_in runs".split(),
                   ["The values of all nodes sum to what perfect nodes would gain. First in: share of the bootstrap's draws in which the node leads the ranking.", NOTE,
                    "≈: not told apart from the first of the ranking."], 4)
    for experiment in (one for one in known if one.nodes):  # of no node that can fail there is nothing to harden
        setting = summary.hardest(experiment)
        models = [model for model in experiment.compared if experiment.certainty.figure(setting, model) is not None]
        best = max(models, key=lambda model, setting=setting, of=experiment.certainty: of.figure(setting, model).mean)
        for model in dict.fromkeys(model.name for model in (models[0], best)):
            model = next(one for one in models if one.name == model)
            table.rows += [None] if table.rows else []
            rows = ranking(experiment, model, setting)
            for node, found, first in rows:
                survives = float(experiment.settings[setting][experiment.nodes.index(node)])
                alike = node != rows[0][0] and not rows[0][1].less(found).told_apart
                table.rows.append([summary.marked(experiment), summary.setting_label(setting), model.label, node, f"{100 * survives:.10g}", f"{100 * found.mean:.2f}",
                                   interval(found.low, found.high), f"{100 * first:.0f} %", "≈" if alike else "", str(len(model.runs))])
                table.csv_rows.append(summary.start(results, experiment) + [setting, model.name, node, repr(survives)]
                                      + [repr(x) for x in (found.mean, found.low, found.high, found.training, found.test, float(first))] + [len(model.runs)])
    return table
