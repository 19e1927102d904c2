"""Tables of samples in blocks of rows, for those too large to be in memory."""
import numpy as np

from deepfog.program import InputError as DataError

CHUNK_BYTES = 1 << 20  # of a chunk of the file
BLOCK_BYTES = 16 << 20  # in memory at a time


def chunk_rows(samples):
    """Rows of a chunk of samples [N, F]."""
    rows, columns = samples.shape
    return min(rows, max(1, CHUNK_BYTES // (columns * samples.dtype.itemsize)))


def row_blocks(samples):
    """Yields (first row, little-endian array of whole rows) over samples [N, F], each row asked for once."""
    chunk = chunk_rows(samples)
    step = chunk * max(1, BLOCK_BYTES // (chunk * samples.shape[1] * samples.dtype.itemsize))
    little = samples.dtype.newbyteorder("<")
    for start in range(0, samples.shape[0], step):
        block = samples[start:start + step]
        expected = (min(step, samples.shape[0] - start), samples.shape[1])
        if block.dtype != samples.dtype or block.shape != expected:
            raise DataError(f"/samples: the rows from {start} on are {block.dtype} of shape {list(block.shape)} "
                            f"({samples.dtype} of shape {list(expected)}, as the whole says, allowed)")
        yield start, np.ascontiguousarray(block, dtype=little)
