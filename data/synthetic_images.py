"""Made-up stand-ins of the shapes of CIFAR-10 and MNIST: pictures of ten classes, turned, stretched, moved, partly hidden.

Both draw a class's figure through a random affine map. For CIFAR-10 a class has two smooth random figures, darker than
their ground in half of the pictures and of any colour: a linear model sees the average, in which they cancel. For MNIST
the figures are the ten digits of a 5x7 matrix display, brighter than the ground as ink is there.
"""
import numpy as np

from dataset import DataSet
from draws import Draws
from image_sets import SOURCE
from splits import official_split

MISLABELLED, HIDDEN, BLOCK = 0.03, 0.3, 1000
DISPLAY = """
01110 00100 01110 11111 00010 11111 00110 11111 01110 01110
10001 01100 10001 00010 00110 10000 01000 00001 10001 10001
10011 00100 00001 00100 01010 11110 10000 00010 10001 10001
10101 00100 00010 00010 10010 00001 11110 00100 01110 01111
11001 00100 00100 00001 11111 00001 10001 01000 10001 00001
10001 00100 01000 10001 00010 10001 10001 01000 10001 00010
01110 01110 11111 01110 00010 01110 01110 01000 01110 01100
"""


def digits():
    """float32 [10, 28, 28] in 0..1: the digits of a matrix display, three pixels a dot, edges blurred."""
    dots = np.array([[[int(dot) for dot in cell] for cell in line.split()] for line in DISPLAY.split("\n") if line])
    figures = np.pad(np.kron(dots.swapaxes(0, 1), np.ones((1, 3, 3))), ((0, 0), (3, 4), (6, 7)))
    return (sum(np.roll(figures, (down, across), (1, 2)) for down in (-1, 0, 1) for across in (-1, 0, 1)) / 9).astype(np.float32)


def smooth_figures(draws, count, side):
    """float32 [count, side, side] in 0..1, 0 at the edges: random fields of low frequencies in a round window."""
    across, down = np.meshgrid(*[np.linspace(-1, 1, side)] * 2)
    fields = np.zeros((count, side, side))
    for frequency in (1, 2, 3):
        for _ in range(3):
            angle, phase, weight = 2 * np.pi * draws.uniform(count), 2 * np.pi * draws.uniform(count), draws.normal(count) / frequency**0.5
            wave = np.cos(angle)[:, None, None] * across + np.sin(angle)[:, None, None] * down
            fields += weight[:, None, None] * np.cos(np.pi * frequency * wave + phase[:, None, None])
    fields = (fields - fields.mean(axis=(1, 2), keepdims=True)) / fields.std(axis=(1, 2), keepdims=True)
    window = 1 / (1 + np.exp(12 * (np.hypot(across, down) - 0.8)))
    return (window / (1 + np.exp(-4 * fields))).astype(np.float32)


def drawn(draws, figures, chosen, turn, stretch, shift):
    """float32 [N, side, side]: figures[chosen] through random affine maps (bilinear), a stripe of some of them hidden."""
    count, side = len(chosen), figures.shape[1]
    middle = np.float32((side - 1) / 2)
    rows, columns = (np.mgrid[0:side, 0:side] - middle).astype(np.float32)

    def each(values):
        return values.astype(np.float32)[:, None, None]

    angle = turn * (2 * draws.uniform(count) - 1)
    moved = shift * (2 * draws.uniform(2, count) - 1)
    scale = np.exp(stretch * draws.normal(2, count))
    across, down = columns - each(moved[0]), rows - each(moved[1])
    right = (each(np.cos(angle)) * across + each(np.sin(angle)) * down) * each(scale[0]) + middle
    below = (each(np.cos(angle)) * down - each(np.sin(angle)) * across) * each(scale[1]) + middle
    right, below = (np.clip(place, 0, side - 1.001) for place in (right, below))
    left, top = right.astype(np.int32), below.astype(np.int32)
    right -= left
    below -= top
    flat, at = figures.reshape(-1), (chosen[:, None, None] * side + top) * side + left
    picture = (1 - below) * ((1 - right) * flat[at] + right * flat[at + 1]) + below * ((1 - right) * flat[at + side] + right * flat[at + side + 1])
    edge = np.where(draws.uniform(count) < HIDDEN, side * (0.2 + 0.6 * draws.uniform(count)), -side)
    return picture * (np.abs(columns + middle - each(edge)) >= side / 10)


def colour_pictures(draws, figures, chosen):
    """uint8 [N, 3, side, side]: ground, figure and light of any colour, the figure brighter or darker."""
    count, side = len(chosen), figures.shape[1]
    mask = drawn(draws, figures, chosen, 0.3, 0.12, 3 * side / 32)[:, None]
    ground = 90 + 75 * draws.uniform(count, 1, 1, 1) + 30 * draws.normal(count, 3, 1, 1)
    sign = np.where(draws.uniform(count, 1, 1, 1) < 0.5, -1, 1)
    paint = sign * (45 + 40 * draws.uniform(count, 1, 1, 1)) + 20 * draws.normal(count, 3, 1, 1)
    slope = np.linspace(-1, 1, side) * 25 * draws.normal(count, 1, 1, 1)
    noise = np.float32(18) * draws.byte_noise(count, 3, side, side)
    return np.clip(np.rint(noise + (ground + slope).astype(np.float32) + paint.astype(np.float32) * mask), 0, 255).astype(np.uint8)


def ink_pictures(draws, figures, chosen):
    """uint8 [N, 1, 28, 28]: ink on nothing, thick or thin, with specks."""
    count = len(chosen)
    mask = drawn(draws, figures, chosen, 0.45, 0.18, 3)[:, None]
    thick, ink = 1 + 1.5 * draws.uniform(count, 1, 1, 1), 130 + 125 * draws.uniform(count, 1, 1, 1)
    noise = np.float32(25) * draws.byte_noise(count, 1, 28, 28)
    return np.clip(np.rint(np.minimum(mask * thick, 1) * ink + noise), 0, 255).astype(np.uint8)


def build(name, samples, seed, digest, importer):
    """The DataSet of cifar10's or mnist's shape, as `importer` (its module) names it."""
    draws, classes = Draws(seed), len(importer.CLASS_NAMES)
    colour = importer.SHAPE[0] == 3
    figures = smooth_figures(draws, 2 * classes, importer.SHAPE[1]) if colour else digits()
    shown = (classes * draws.uniform(samples)).astype(np.int64)
    chosen = shown + classes * (draws.uniform(samples) < 0.5) if colour else shown
    make = colour_pictures if colour else ink_pictures
    pictures = [make(draws, figures, chosen[start:start + BLOCK]) for start in range(0, samples, BLOCK)]
    labels = np.where(draws.uniform(samples) < MISLABELLED, (shown + 1) % classes, shown)
    test = samples // 6
    return DataSet(name=name, title=f"SYNTHETIC stand-in of the shape of {name}: made-up {'figures' if colour else 'digits'} of ten classes",
                   origin="synthetic", samples=np.concatenate(pictures).reshape(samples, -1), labels=labels, class_names=importer.CLASS_NAMES,
                   sources=[(SOURCE, importer.WIDTH)], shapes={SOURCE: importer.SHAPE}, scale=1 / 255,
                   splits={"official": official_split(samples - test, test, seed)}, default_split="official", source="generated",
                   source_sha256=digest, importer=f"make_synthetic 1, seed {seed}", citation="made up by DeepFog; not real data")
