#!/usr/bin/env python3
"""Writes the weights of TorchVision's alexnet, vgg16_bn or convnext_tiny to a weights file of DeepFog.

  data/export_torchvision.py vgg16_bn vgg16_bn.weights.h5                 the published weights (IMAGENET1K_V1), fetched when need be
  data/export_torchvision.py vgg16_bn vgg16_bn.weights.h5 --random 1      TorchVision's initial weights of this seed

Runs where torchvision is installed (DEEPFOG_PYTHON or `python3 export_torchvision.py` of that environment); the file can be
copied from there. Tensors have the names and shapes of the state dict, in its order, under the node NETWORK.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), os.pardir, "postprocess"))
from deepfog.start import start

start(__name__, "numpy", "h5py", "PIL.Image")

# pylint: disable=wrong-import-position
import importlib.util

import numpy as np

from deepfog.program import InputError as DataError, Parser, first_line, run
from import_images import DEVIATIONS, MEANS
from output_place import check_output
from weights_file import tensors_of, write_weights

PUBLISHED = "IMAGENET1K_V1"
NETWORKS = ("alexnet", "vgg16_bn", "convnext_tiny")
CLASSES, SIDE, CHANNELS = 1000, 224, 3
FEATURES = CHANNELS * SIDE * SIDE
MAX_SEED = 2**63 - 1
NOTE = "# {network} is a convolutional network; here one node stands for all of it\n"


def require_torchvision():
    """The modules (torch, torchvision), or one line that says where to run this."""
    missing = [name for name in ("torch", "torchvision") if importlib.util.find_spec(name) is None]
    if missing:
        raise DataError(f"{sys.executable} has no {' and no '.join(missing)} "
                        "(a Python with torch, torchvision 0.13 or later, numpy, h5py and PIL allowed; the file it writes can be copied here)")
    import torch  # only here: the rest of this file is used where there is none
    import torchvision
    return torch, torchvision


def state_of(network, seed):
    """(state dict, version) of TorchVision's published weights, or of its initial ones for a seed."""
    torch, torchvision = require_torchvision()
    if seed is not None:
        torch.manual_seed(seed)
    try:
        model = getattr(torchvision.models, network)(weights=PUBLISHED if seed is None else None)
    except (OSError, RuntimeError, ValueError) as error:  # no network, a damaged download
        raise DataError(f"{network}: the published weights cannot be had: {first_line(error)} "
                        "(a connection, or --random SEED, allowed)") from error
    except (AttributeError, TypeError) as error:
        raise DataError(f"torchvision {torchvision.__version__} has no {network} that takes weights "
                        "(0.13 or later allowed)") from error
    return model.state_dict(), torchvision.__version__


def normalisation():
    """(centres, deviations) float32 [3 * 224 * 224]: ImageNet's, one figure a channel, repeated for each of its pixels."""
    return tuple(np.repeat(np.array(figures, dtype=np.float32), SIDE * SIDE) for figures in (MEANS, DEVIATIONS))


def export(path, network, state, version, seed=None):
    """Writes a state dict; returns (tensors, their sha256)."""
    tensors = tensors_of(state)
    source = PUBLISHED if seed is None else f"initial weights of seed {seed}, untrained"
    origin = {"experiment": f"torchvision {version} {network}, {source}", "model": network,
              "topology_text": NOTE.format(network=network) + f"topology {network}\nsource image {FEATURES}\nnode {network} linear:{CLASSES}\n"
                               f"link image -> {network}\n",
              "run": 0, "dataset": "imagenet", "data_origin": "real" if seed is None else "synthetic", "data_sha256": "0" * 64,
              "split": "official", "guess": "uniform", "guess_probabilities": np.full(CLASSES, 1 / CLASSES)}
    return tensors, write_weights(path, network, tensors, origin, normalisation())


def main():
    parser = Parser(__doc__)
    parser.add_argument("network", choices=NETWORKS)
    parser.add_argument("output", help="weights file to write")
    parser.add_argument("--random", type=int, metavar="SEED", help="initial weights of this seed instead of the published ones")
    options = parser.parse_args()
    if options.random is not None and not 0 <= options.random <= MAX_SEED:
        raise DataError(f"--random: {options.random} (0 to {MAX_SEED} allowed)")
    check_output(options.output)
    state, version = state_of(options.network, options.random)
    tensors, total = export(options.output, options.network, state, version, options.random)
    values = sum(array.size for _, array in tensors)
    print(f"{options.output}: {options.network}, {len(tensors)} tensors, {values:,} values ({4 * values / 2**20:.1f} MiB), sha256 {total}")
    return 0


if __name__ == "__main__":
    run(main)
