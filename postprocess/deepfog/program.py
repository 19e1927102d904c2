"""How a Python program of DeepFog speaks and ends: one-line errors, exit codes, streams that may be closed, full or gone.

Exit codes are those of the deepfog program: 0 good, 1 different (compare.py), 2 bad input, or a machine that does not allow what
was asked for, 3 the result is INVALID, 75 interrupted and resumable (skip_search.py); 128 + the signal's number where a signal
ended it; 70 a fault of the program itself, the only case with a traceback.
"""
import argparse
import codecs
import io
import os
import signal
import sys
import traceback

GOOD, DIFFERENT, BAD_INPUT, INVALID, FAULT, RESUMABLE = 0, 1, 2, 3, 70, 75


class InputError(Exception):
    """The user's input is wrong; the message is one line: where, what, what is allowed."""


class Stopped(BaseException):
    """A signal asked the program to end; its number is the argument."""


class Parser(argparse.ArgumentParser):
    """argparse with one-line errors instead of the usage and the error."""

    def __init__(self, description=None, **keywords):
        super().__init__(description=description, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False, **keywords)

    def error(self, message):
        say(f"{message} (see --help)", self.prog)
        sys.exit(BAD_INPUT)


def run(main, arguments=None, interrupted=None):
    """Calls main, with the arguments if there are any, and ends the process with the exit code that it returns.

    @param interrupted  the exit code after a signal; None: 128 + its number
    """
    try:
        code = main() if arguments is None else main(arguments)
    except SystemExit as ended:  # argparse, after --help
        code = ended.code
    except BaseException as error:  # all of them end in a code and, but for a fault of the program, in a line
        code = _told(error, interrupted)
    end(code)


def end(code):
    """Ends the process; what was printed has arrived then, or a line says why not."""
    try:
        sys.stdout.flush()
    except (InputError, OSError) as error:
        code = _told(error)
    sys.exit(code)


def say(message, program=None):
    """One line on stderr, after the program's name."""
    line = f"{program or os.path.basename(sys.argv[0])}: {one_line(message)}"
    print(line, file=sys.stderr, flush=True)


def one_line(text):
    """Text without line feeds and other characters that a terminal obeys."""
    return "".join(letter if letter.isprintable() or "\udc80" <= letter <= "\udcff" else repr(letter)[1:-1] for letter in " ".join(str(text).split()))


def first_line(error):
    """The first line of an exception's text, or its type's name."""
    text = " ".join(str(error).split("\n")[0].split())
    return text or type(error).__name__


def catch_all():
    """For the whole process: streams in UTF-8, signals as exceptions, and an exception outside run() ends as one inside it."""
    codecs.register_error("deepfog", _bytes_of)
    sys.stdout, sys.stderr = _stream(1), _stream(2)
    sys.stdin = sys.stdin or open(0, encoding="utf-8", closefd=False)
    sys.excepthook = lambda kind, error, trace: os._exit(_told(error.with_traceback(trace)))
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, _stop)


def _stop(number, _):
    raise Stopped(number)


def _told(error, interrupted=None):
    """Says what an exception means; returns the exit code."""
    if isinstance(error, (KeyboardInterrupt, Stopped)):
        number = signal.Signals(error.args[0] if isinstance(error, Stopped) else signal.SIGINT)
        say(f"interrupted by {number.name}")
        return 128 + number if interrupted is None else interrupted
    if isinstance(error, MemoryError):
        say(f"out of memory: {error}" if str(error) else "out of memory")
        return BAD_INPUT
    if isinstance(error, (InputError, OSError)):
        say(error)
        return BAD_INPUT
    traceback.print_exception(type(error), error, error.__traceback__)
    say("the lines above are a fault of the program: please report them")
    return FAULT


class _Output(io.FileIO):
    """A standard stream that fails once. Where its reader went away (FILE | head) nobody is left to be told, and the program goes on to its exit code."""

    def write(self, data):
        try:
            return super().write(data)
        except OSError as error:
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.fileno())
            if self.fileno() == 1 and not isinstance(error, BrokenPipeError):
                raise InputError(f"standard output: {error.strerror}") from None
            return len(data)


def _stream(number):
    raw = _Output(number, "w", closefd=False)
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding="utf-8", errors="deepfog", line_buffering=number == 2 or raw.isatty(),
                            write_through=bool(os.environ.get("PYTHONUNBUFFERED")))


def _bytes_of(error):
    """How a name that is not UTF-8 is printed: as the bytes that it is; what is no character at all as an escape."""
    text = error.object[error.start:error.end]
    if all("\udc80" <= letter <= "\udcff" for letter in text):
        return text.encode("utf-8", "surrogateescape"), error.end
    return text.encode("ascii", "backslashreplace"), error.end
