"""The made-up stand-in of mnist-tiles: the stand-in of mnist, its digits cut into six tiles."""
import synthetic_mnist
from import_mnist_tiles import in_tiles
from synthetic_mnist import DEFAULT_SAMPLES, MIN_SAMPLES  # noqa: F401 (a stand-in has both)


def build(samples, seed, digest):
    """The DataSet; `digest` is the sha256 of the generator's parameters."""
    return in_tiles(synthetic_mnist.build(samples, seed, digest))
