"""A table that can be printed, and written as text, CSV and LaTeX."""
import csv
import io
import re
from dataclasses import dataclass, field

LATEX = {"\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
         "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "±": r"$\pm$", "≈": r"$\approx$", "–": "--", "Φ": r"$\Phi$", "µ": r"$\mu$", "<": r"$<$", ">": r"$>$"}

NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*(?:e[+-]?\d+)?|inf|nan)")


@dataclass
class Table:
    """Display cells as text; a row that is None is a rule. The CSV holds plain numbers, one value a line."""
    name: str                                     # stem of its files
    title: str
    header: list
    rows: list
    notes: list = field(default_factory=list)     # below the table: data, split, what is doubtful
    left: int = 1                                 # this many first columns are flush left
    csv_header: list = field(default_factory=list)
    csv_rows: list = field(default_factory=list)

    def as_text(self):
        """Aligned columns between rules, notes below; ends with a line feed."""
        rows = [row and [printable(cell) for cell in row] for row in self.rows]
        widths = [max(len(row[i]) for row in [self.header] + list(filter(None, rows))) for i in range(len(self.header))]

        def line(cells):
            return "  ".join(c.ljust(w) if i < self.left else c.rjust(w) for i, (c, w) in enumerate(zip(cells, widths))).rstrip()

        rule = "-" * (sum(widths) + 2 * len(widths) - 2)
        lines = [printable(self.title), rule, line(self.header), rule]
        lines += [rule if row is None else line(row) for row in rows]
        return "\n".join(lines + [rule] + [printable(note) for note in self.notes]) + "\n"

    def as_csv(self):
        """RFC 4180 with line feeds; full precision. A name that a spreadsheet would take for a formula begins with an apostrophe."""
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerows([self.csv_header] + [[_no_formula(cell) for cell in row] for row in self.csv_rows])
        return stream.getvalue()

    def as_latex(self):
        """A plain tabular that needs no package; the title and the notes are rows of it, so they cannot get lost."""
        width = len(self.header)
        lines = [r"\begin{tabular}{" + "l" * self.left + "r" * (width - self.left) + "}",
                 rf"\multicolumn{{{width}}}{{l}}{{\textbf{{{escaped(self.title)}}}}} \\", r"\hline",
                 " & ".join(map(escaped, self.header)) + r" \\", r"\hline"]
        lines += [r"\hline" if row is None else " & ".join(map(escaped, row)) + r" \\" for row in self.rows]
        lines += [r"\hline"]
        lines += [rf"\multicolumn{{{width}}}{{l}}{{\footnotesize {escaped(note)}}} \\" for note in self.notes]
        return "\n".join(lines + [r"\end{tabular}"]) + "\n"


def printable(text):
    """Text on one line, every character that would be none on paper as its escape: names come from files."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def _no_formula(cell):
    if not isinstance(cell, str):
        return cell
    words = printable(cell)
    return "'" + words if words[:1] in ("=", "+", "-", "@") and not NUMBER.fullmatch(words) else words


def escaped(text):
    """Text for LaTeX, every character that means something there escaped; none is taken for the length of a line's gap."""
    words = "".join(LATEX.get(letter, letter) for letter in printable(text))
    words = "{}" + words if words[:1] in ("[", "*") else words
    return re.sub(r"(?<![\w-])-(?=\d)", "$-$", words)  # a minus sign, not a hyphen
