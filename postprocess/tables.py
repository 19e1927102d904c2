"""A table that can be printed, and written as text, CSV and LaTeX."""
import csv
import io
import re
from dataclasses import dataclass, field

LATEX = {"\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
         "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "±": r"$\pm$", "≈": r"$\approx$", "–": "--", "Φ": r"$\Phi$", "µ": r"$\mu$", "<": r"$<$", ">": r"$>$"}


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
        body = [row for row in self.rows if row is not None]
        widths = [max(len(row[i]) for row in [self.header] + body) for i in range(len(self.header))]

        def line(cells):
            return "  ".join(c.ljust(w) if i < self.left else c.rjust(w) for i, (c, w) in enumerate(zip(cells, widths))).rstrip()

        rule = "-" * (sum(widths) + 2 * len(widths) - 2)
        lines = [self.title, rule, line(self.header), rule]
        lines += [rule if row is None else line(row) for row in self.rows]
        return "\n".join(lines + [rule] + self.notes) + "\n"

    def as_csv(self):
        """RFC 4180 with line feeds; full precision."""
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerows([self.csv_header] + self.csv_rows)
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


def escaped(text):
    """Text for LaTeX, every character that means something there escaped."""
    words = "".join(LATEX.get(character, character) for character in text)
    return re.sub(r"(?<![\w-])-(?=\d)", "$-$", words)  # a minus sign, not a hyphen
