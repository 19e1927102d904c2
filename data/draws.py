"""Random numbers by an own hash (SplitMix64 of a counter): the same on every machine and with every version of numpy."""
import numpy as np

_GOLDEN = 0x9E3779B97F4A7C15
_MASK = (1 << 64) - 1


def splitmix64(values):
    """The finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014) on uint64 [N]."""
    with np.errstate(over="ignore"):
        mixed = np.asarray(values, dtype=np.uint64) + np.uint64(_GOLDEN)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return mixed ^ (mixed >> np.uint64(31))


class Draws:
    """A stream of numbers that follows from its seed alone."""

    def __init__(self, seed):
        self._start = splitmix64([seed & _MASK])
        self._drawn = 0

    def raw(self, count):
        """uint64 [count]"""
        counter = np.arange(self._drawn, self._drawn + count, dtype=np.uint64)
        self._drawn += count
        return splitmix64(self._start ^ counter)

    def uniform(self, *shape):
        """float64 in [0, 1)"""
        return ((self.raw(int(np.prod(shape))) >> np.uint64(11)) * 2.0**-53).reshape(shape)

    def normal(self, *shape):
        """Standard normal float64 (Box and Muller)."""
        count = int(np.prod(shape))
        half = (count + 1) // 2
        radius, angle = np.sqrt(-2 * np.log1p(-self.uniform(half))), 2 * np.pi * self.uniform(half)
        return np.concatenate([radius * np.cos(angle), radius * np.sin(angle)])[:count].reshape(shape)

    def byte_noise(self, *shape):
        """About normal, mean 0 and deviation 1, from the sum of two bytes: quick for pictures."""
        count = int(np.prod(shape))
        pairs = self.raw((count + 3) // 4).astype("<u8").view(np.uint8).reshape(-1, 2)
        return ((pairs.sum(axis=1, dtype=np.float32)[:count] - 255) / 104.5).reshape(shape)
