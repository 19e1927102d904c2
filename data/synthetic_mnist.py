"""The made-up stand-in of mnist's shape; see synthetic_images.py."""
import import_mnist
import synthetic_images

DEFAULT_SAMPLES, MIN_SAMPLES = 12_000, 100


def build(samples, seed, digest):
    """The DataSet; `digest` is the sha256 of the generator's parameters."""
    return synthetic_images.build("mnist", samples, seed, digest, import_mnist)
