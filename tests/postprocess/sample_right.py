"""Results by sample for the tests' results files: bits that count up to the tables, some samples harder than others."""
import h5py
import numpy as np

import sample


def add(path, spread=0.02, seed=3):
    """Gives every model of the file its bits: a combination's right samples are the easiest, in an order that runs and combinations disturb."""
    random = np.random.default_rng(seed)
    with h5py.File(path, "r+") as file:
        for experiment in file["experiments"].values():
            samples, classes = int(experiment.attrs["test_samples"]), int(experiment.attrs["classes"])
            experiment["test_labels"] = (np.arange(samples) % classes).astype(np.int32)
            easy = random.random(samples)
            for model in experiment["models"].values():
                flow, correct = model["flow"][()].astype(bool), model["correct"][()]
                rows = np.zeros(flow.size, dtype=np.int32)
                rows[flow] = 1 + np.arange(flow.sum())
                bits = np.zeros((len(correct), int(flow.sum()), (samples + 7) // 8), dtype=np.uint8)
                for run, counts in enumerate(correct):
                    for row, count in enumerate(counts[flow]):
                        right = np.zeros(samples, dtype=np.uint8)
                        right[np.argsort(easy + spread * random.standard_normal(samples))[:count]] = 1
                        bits[run, row] = np.packbits(right, bitorder="little")
                model["right"], model["right_row"] = bits, rows
                for name, scale in (("right", "run"), ("right_row", "combination")):
                    sample.put(model[name], {"units": "1", "long_name": name})
                    model[name].dims[0].attach_scale(experiment["scales"][scale])
    return path
