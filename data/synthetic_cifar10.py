"""The made-up stand-in of cifar10's shape; see synthetic_images.py."""
import import_cifar10
import synthetic_images

DEFAULT_SAMPLES, MIN_SAMPLES = 12_000, 100


def build(samples, seed, digest):
    """The DataSet; `digest` is the sha256 of the generator's parameters."""
    return synthetic_images.build("cifar10", samples, seed, digest, import_cifar10)
