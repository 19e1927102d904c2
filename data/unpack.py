"""The plain bytes of gzip, bzip2 and xz streams, made a piece at a time and no more of them than were asked for.

Memory stays at a few pieces whatever a file claims; the library's own readers set no bound to the memory of an xz stream.
"""
import bz2
import lzma
import zlib

PIECE = 1 << 20  # bytes read and made at a time
XZ_MEMORY = 128 << 20  # bytes; `xz -9` needs 65 MiB to unpack
DAMAGED = (zlib.error, lzma.LZMAError, EOFError, OSError)


class _Deflate:
    """zlib's decompressor with the methods of those of bz2 and lzma."""

    def __init__(self):
        self._inner, self._rest = zlib.decompressobj(16 + zlib.MAX_WBITS), b""

    eof = property(lambda self: self._inner.eof)
    unused_data = property(lambda self: self._inner.unused_data)
    needs_input = property(lambda self: not self._rest)

    def decompress(self, packed, most):
        made = self._inner.decompress(self._rest + packed, most)
        self._rest = self._inner.unconsumed_tail
        return made


FORMS = ((b"\x1f\x8b", _Deflate), (b"BZh", bz2.BZ2Decompressor), (b"\xfd7zXZ\0", lambda: lzma.LZMADecompressor(memlimit=XZ_MEMORY)))


def form_of(beginning):
    """What makes a decompressor for a file that begins so; None for a plain one."""
    return next((form for mark, form in FORMS if beginning.startswith(mark)), None)


class Unpacked:
    """A forward-only file of what a packed (or plain) file holds. read() raises EOFError where the stream is cut short."""

    def __init__(self, file):
        self._file, self._packed, self._position = file, file.read(PIECE), 0
        self._form = form_of(self._packed)
        self._stream = self._form() if self._form else None
        self._made, self._taken = b"", 0  # a piece, of which so many bytes were read

    def tell(self):
        return self._position

    def read(self, count):
        """`count` bytes, fewer at the end."""
        pieces, left = [], count
        while left > 0:
            if self._taken == len(self._made):
                self._made, self._taken = self._piece(), 0
                if not self._made:
                    break
            piece = self._made[self._taken:self._taken + left]
            pieces.append(piece)
            self._taken += len(piece)
            left -= len(piece)
        self._position += count - left
        return b"".join(pieces)

    def seek(self, position):
        """Forward only."""
        if position < self._position:
            raise OSError("an archive that must be read backwards")
        while self._position < position and self.read(min(PIECE, position - self._position)):
            pass
        return self._position

    def _piece(self):
        if self._stream is None:
            piece, self._packed = self._packed, self._file.read(PIECE)
            return piece
        while True:
            if self._stream.eof and not self._begin_next():
                return b""
            if self._stream.needs_input and not self._packed:
                self._packed = self._file.read(PIECE)
                if not self._packed:
                    raise EOFError("the packed stream ends early")
            piece = self._stream.decompress(self._packed, PIECE)
            self._packed = b""
            if self._stream.eof:
                self._packed = self._stream.unused_data
            if piece:
                return piece

    def _begin_next(self):
        """Streams may stand one behind the other; zeros that fill a block may follow the last."""
        while not self._packed.strip(b"\0"):
            self._packed = self._file.read(PIECE)
            if not self._packed:
                return False
        self._packed = self._packed.lstrip(b"\0")
        if len(self._packed) < 6:
            self._packed += self._file.read(PIECE)
        form = form_of(self._packed)
        if form is None:
            raise OSError("something that is not packed follows the packed stream")
        self._stream = form()
        return True
