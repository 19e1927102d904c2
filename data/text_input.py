"""Text that other programs wrote, read in one way: whatever mark it begins with and however its lines end."""
import codecs
import re

from deepfog.program import InputError as DataError
from folder_walk import read_regular, shown

MAX_TEXT_BYTES = 64 << 20
WIDE_MARKS = ((codecs.BOM_UTF32_LE, "UTF-32"), (codecs.BOM_UTF32_BE, "UTF-32"), (codecs.BOM_UTF16_LE, "UTF-16"), (codecs.BOM_UTF16_BE, "UTF-16"))
ENCODINGS = "UTF-8 or ASCII text allowed"
OLD_END = b"\x1a"  # the character by which DOS ended a text


def plain_text(content, where):
    """The bytes of a text whose lines end in \\n. Byte order marks of UTF-8 at the beginning of a line (files joined behind each
    other have several) are dropped; a line may end in LF, CRLF or CR. DataError for UTF-16, UTF-32 and zero bytes."""
    for mark, encoding in WIDE_MARKS:
        if content.startswith(mark):
            raise DataError(f"{where}: is {encoding} text ({ENCODINGS})")
    zero = content.find(b"\0")
    if zero >= 0:
        line = content.count(b"\n", 0, zero) + 1
        raise DataError(f"{where}:{line}: is no text: it holds a zero byte, as UTF-16 without a mark does ({ENCODINGS})")
    if b"\r" in content:
        content = re.sub(rb"\r+\n|\r", b"\n", content)
    if codecs.BOM_UTF8 in content:
        content = re.sub(rb"^(?:\xef\xbb\xbf)+", b"", content, flags=re.MULTILINE)
    return content.rstrip(OLD_END)


def text_lines(path):
    """The lines of a text file, without their ends; DataError where it cannot be read, is too large or no text."""
    where = shown(path)
    content = plain_text(read_regular(path, MAX_TEXT_BYTES, "a text file"), where)
    try:
        return content.decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DataError(f"{where}:{line}: is no text: byte {content[error.start]:#04x} is no UTF-8 ({ENCODINGS})") from error
