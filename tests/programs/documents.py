"""Finds the commands that the documents, the comments of scripts and configs, and the help texts print.

A command is (where, text), the text as a reader would type it: lines joined at a trailing backslash, without prompt and without the
comment behind it.
"""
import glob
import os
import re

# What a command begins with. In fenced blocks of Markdown every line is a command, whatever it begins with.
PROGRAMS = ("deepfog", "mpirun", "srun", "sbatch", "bash", "sh", "python3", "cp", "cd", "cmake", "cpack", "ctest", "ninja", "make", "git", 
            "apt", "apt-get", "dpkg", "spack", "eb", "apptainer", "singularity", "docker", "pip", "conda", "sudo", "curl", "wget", "tar",
            "update-alternatives", "scontrol", "scancel", "squeue")
FOLDERS = ("jobs", "data", "postprocess", "tests", "build", "packaging", "configs")
WORD = re.compile(rf"(?:[\w.$/{{}}-]+/)?(?:{'|'.join(PROGRAMS)})|(?:[\w.$-]+/)*(?:{'|'.join(FOLDERS)})/[\w./-]+\.(?:sh|py|sbatch)|\w+\.py")
ASSIGNMENT = re.compile(r"[A-Z_][A-Z0-9_]*=\S*")


def first_word(text):
    """The word that names the program, behind assignments of variables."""
    return next((word for word in text.split() if not ASSIGNMENT.fullmatch(word)), "")


def is_command(text):
    return bool(WORD.fullmatch(first_word(text))) or bool(re.match(r"(for|while) .*; do ", text))


def is_command_in_comment(text):
    """In a sentence the name of a program is often just that: what follows must look like an argument."""
    words = [word for word in text.split() if not ASSIGNMENT.fullmatch(word)]
    at = 2 if words[:1] == ["deepfog"] else 1
    return is_command(text) and len(words) > at and ("/" in words[0] or bool(re.match(r"-|.*[/.=]|[A-Z0-9_]+$", words[at])))


def without_comment(line):
    """A comment begins with # behind white space, as in the shell."""
    return re.sub(r"(^|\s+)#(\s.*)?$", "", line).strip()


def logical_lines(lines):
    """Lines joined at a trailing backslash, without comments and empty ones."""
    joined = ""
    for line in lines:
        joined += without_comment(line).removeprefix("$ ")
        if joined.endswith("\\"):
            joined = joined[:-1].rstrip() + " "
        elif joined:
            yield joined
            joined = ""
    if joined:
        yield joined


def inline(text):
    """Commands between backticks. A program alone, or a verb of deepfog alone, is only named there."""
    for span in re.findall(r"(?<!`)`([^`]+)`(?!`)", text):
        words = span.split()
        least = 3 if words and os.path.basename(first_word(span)) == "deepfog" else 2
        if len(words) >= least and is_command(span) or words[:1] == ["--set"] and "=" in span:
            yield " ".join(words)


def markdown(where, text):
    """Commands of a Markdown text. In fenced blocks without a language, or with the shell's, every line is a command; output, configs and
    topologies stand in blocks of another language, in which lines that look like commands count all the same. A block of Python is
    one command, `python N` of the document."""
    prose, pythons = [], 0
    lines = iter(text.splitlines())
    for line in lines:
        fence = re.match(r"\s*```(\w*)\s*$", line)
        if not fence:
            prose.append(line)
            continue
        block = []
        for inner in lines:
            if inner.strip() == "```":
                break
            block.append(inner)
        if fence[1] == "python":
            pythons += 1
            yield f"{where}: python {pythons}", "\n".join(block)
            continue
        shell = fence[1] in ("", "sh", "bash", "shell", "console")
        yield from ((where, command) for command in logical_lines(block) if shell or is_command_in_comment(command))
    yield from ((where, command) for command in inline("\n".join(prose)))


def comments(where, text):
    """Commands in the comments of a script, a config or a topology: lines that are indented or follow "e.g." or a colon, and what
    stands between backticks. What has brackets in it says how a command is made up, and is none."""
    lines = [line[1:] for line in text.splitlines() if re.match(r"#(\s|$)", line)]
    bare = re.sub(r"`[^`]*`", "", "\n".join(lines)).splitlines()
    yield from ((where, command) for command in inline("\n".join(lines)))
    kept, goes_on = [], False
    for line in bare:
        found = line.strip() if goes_on else in_comment(line)
        kept += [found] if found else []
        goes_on = bool(found) and found.endswith("\\")
    yield from ((where, command) for command in logical_lines(kept))


def in_comment(line):
    """What of a comment line is a command, or its continuation; None."""
    for begin in re.finditer(r"^ {3,}|: +|e\.g\. | {3,}", line):
        candidate = re.split(r" {3,}| +\(", line[begin.end():])[0].rstrip(" .;:")
        if "[" in candidate:
            continue
        if is_command_in_comment(candidate) or begin.start() == 0 and candidate.startswith("--"):
            return candidate
    return None


def help_text(where, text):
    """Examples of a help text: indented lines that begin with a program, and do not say how commands are made up ([ ] and ...)."""
    lines = [re.split(r" {3,}|\s+#\s", line.strip())[0] for line in text.splitlines() if line.startswith("  ")]
    kept, goes_on = [], False
    for line in lines:
        synopsis = "[" in line or " ..." in line
        if goes_on or is_command(line) and len(line.split()) > 1 and not synopsis and not re.match(r"[\w-]+ {2,}", line):
            kept.append(line)
            goes_on = line.endswith("\\")
    yield from ((where, command) for command in logical_lines(kept))


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def python_scripts(root):
    """Python programs that have a help text."""
    paths = sorted(path for folder in ("jobs", "data", "postprocess") for path in glob.glob(os.path.join(root, folder, "*.py")))
    return [path for path in paths if read(path).startswith("#!")]


def of_files(root):
    """Commands of all documents and comments below `root`; the changelog tells of the past."""
    def below(*patterns):
        return sorted(path for pattern in patterns for path in glob.glob(os.path.join(root, pattern)))

    for path in below("*.md", "docs/*.md", "data/*.md", "postprocess/*.md", "packaging/*.md", "tests/*/*.md"):
        if os.path.basename(path) != "CHANGELOG.md":
            yield from markdown(os.path.relpath(path, root), read(path))
    for path in below("configs/*.ini", "configs/topologies/*", "jobs/*.sh", "jobs/*.sbatch", "jobs/*.example", "data/*.sh", "tests/*.sh", "tests/*/*.sh"):
        yield from comments(os.path.relpath(path, root), read(path))
