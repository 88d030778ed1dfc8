"""Ask Docker's own libraries which paths an ignore file leaves out, and store the answers in cases.json.

Run by hand when the versions in tools/buildkit/go.mod or the generator below change; requires Go:

    python -m tests.buildcontext.oracle                      # write cases.json
    python -m tests.buildcontext.oracle --compare 100000 7   # compare 100,000 new cases of the seed 7, without writing
"""

import argparse
import json
import random
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

from buildcontext.errors import ContextError
from buildcontext.patterns import Ignore, Matches

ROOT = Path(__file__).parents[2]
CASES = Path(__file__).with_name("cases.json")
KEPT = 1500

# The paths of each case; a path that ends with a slash is an empty folder.
TREE = (
    *("a", "b", "ab", "aab", "A", "a.b", "a b", ".a", ".env", "a-b", "a^b", "a$b", "a+b", "a]", "[a]", "{a}", "(a)"),
    *("!a", "#a", "*", "?", "a\\b", "d/", "x/a", "x/b", "x/ab", "x/.env", "x/y/a", "x/y/b", "x/y/z/a", "xx/a"),
    *("src/main.py", "src/lib/a.py", "secret/.env", "tmp/c", "a|b", "x/a.md", "README.md", "x/d/", "[/a", "-", "é/b"),
)

# Written by hand: each line of Docker's documentation, and each fault found so far.
WRITTEN = (
    *(
        "",
        "#a",
        " #a",
        "\ufeff#a\na",
        "\ufeffa",
        "a\r\nb\r\n",
        "  a  ",
        "\ta\t",
        "*",
        "**",
        "/",
        ".",
        "..",
        "./a",
        "/a",
    ),
    *(
        "//a",
        "a/",
        "a/.",
        "a/../b",
        "../a",
        "x/../../b",
        "x//a",
        "*\n!src",
        "*\n!src/main.py",
        "*\n!x/y",
        "*/b",
        "*/*/b",
    ),
    *("*\n!**/a", "**/a", "**/*.py", "x/**", "x/**/a", "**/y/**", "x/*", "?", "a?b", "[ab]", "[^a]", "[!a]", "[a-b]"),
    *(
        "[b-a]",
        "[",
        "]",
        "[]",
        "[]a]",
        "[a-]",
        "[-a]",
        "[a",
        "\\",
        "\\[a\\]",
        "\\*",
        "\\?",
        "\\!a",
        "\\#a",
        "!",
        "!a",
        "! a",
    ),
    *(
        "*\n! a",
        "*\n!/a",
        "*\n!./a",
        "*\n!",
        "*\n!!a",
        "!a\na",
        "a\n!a\na",
        "x\n!x/y\nx/y/z",
        "x\n!x/y\nx",
        "*.md\n!README.md",
    ),
    *(
        "*.md\nREADME*\n!README.md",
        "temp?",
        "*/temp*",
        "a*b",
        "a**b",
        "a**",
        "**b",
        "**/",
        "**/**",
        "***",
        "x/***",
        "a^b",
    ),
    *("a^*", "^*", "a$*", "{a}", "{a,b}", "(*)", "a+*", "a|*", "[*]", "[?]", "[**]", "[.]", "[a.b]", "[[:alpha:]]"),
    *(
        "[[:lower:]b]",
        "[^[:alpha:]]",
        "[[:foo:]]",
        "[\\]a]*",
        "[\\-a]*",
        "[^\\]]",
        "a\\ b",
        "a b",
        ".*",
        "*.*",
        ".env",
        "**/.env",
    ),
    *(
        "secret\n!secret/.env",
        "*\n!secret",
        "x/y/../a",
        "./tmp",
        "foo/../tmp",
        "tmp/",
        "/tmp",
        "A",
        "é",
        "?/b",
        "[é]",
        "d",
        "x/d",
    ),
    *(
        "*\n!d",
        "x\n!x/d",
        "**\n!x/y",
        "x/**\n!x/y/*",
        "*\n!*/a",
        "*\n!**/y/z",
        "x\n!**/a",
        "x/y\n!x",
        "x\n!x\nx/y\n!x/y/a",
    ),
)

_NAMES = ("a", "b", "x", "y", "z", "src", "lib", "ab", ".env", "secret", "d", "é", "xx", "main.py", "README.md", "a b")
_TOKENS = (
    "a",
    "b",
    "x",
    "y",
    "*",
    "**",
    "?",
    "[a]",
    "[^a]",
    "[a-b]",
    "[!a]",
    "[ab",
    "]",
    "\\*",
    "\\[",
    "\\]",
    "-",
    "^",
    ".",
)
_RARE = (
    "..",
    "$",
    "{",
    "}",
    "(",
    ")",
    "+",
    "|",
    "[[:alpha:]]",
    "[]a]",
    "[a-]",
    "[b-a]",
    "[",
    "!",
    "#",
    " ",
    "[*]",
    "[?]",
)


def texts(seed: int, number: int) -> list[str]:
    """Generate random ignore files."""
    source = random.Random(seed)
    return [_text(source) for _ in range(number)]


def ask(questions: list[str]) -> list[dict[str, Any]]:
    """Return the answers of Docker's libraries: the paths in `sent`, or an `error` for an invalid pattern."""
    lines = "".join(json.dumps({"text": text, "tree": TREE}) + "\n" for text in questions)
    ran = subprocess.run(
        ["go", "run", "./ignore"], cwd=ROOT / "tools/buildkit", input=lines, capture_output=True, text=True, check=True
    )
    return [json.loads(line) for line in ran.stdout.splitlines()]


@cache
def paths() -> tuple[str, ...]:
    """Return all files and folders of TREE in the order of a walk."""
    found = {path.rstrip("/") for path in TREE}
    for path in list(found):
        found |= {path[:at] for at, letter in enumerate(path) if letter == "/"}
    return tuple(sorted(found, key=lambda path: path.split("/")))


def answer(text: str) -> list[str] | None:
    """Return the paths that this repository's code sends; None if a pattern is refused."""
    try:
        ignore = Ignore(text)
    except ContextError:
        return None
    judged: dict[str, Matches] = {"": Matches()}
    sent: set[str] = set()
    for path in paths():
        folder = path.rpartition("/")[0]
        judged[path] = ignore.match(path, judged[folder])
        if not judged[path].ignored:
            sent |= {path, *(path[:at] for at, letter in enumerate(path) if letter == "/")}
    return sorted(sent)


def pack(sent: list[str]) -> str:
    """Return a list of paths as a hexadecimal number with one bit per path."""
    return f"{sum(1 << number for number, path in enumerate(paths()) if path in sent):x}"


def _text(source: random.Random) -> str:
    lines = [_line(source) for _ in range(source.choice((1, 1, 2, 2, 3, 4, 6)))]
    return source.choice(("", "", "", "\ufeff")) + source.choice(("\n", "\n", "\r\n")).join(lines)


def _line(source: random.Random) -> str:
    parts = [_part(source) for _ in range(source.choice((1, 1, 2, 2, 3)))]
    before = source.choice(("", "", "", "", "!", "!", "/", "./", "!/", "! ", " ", "#", "../", "!!", "**/"))
    return before + "/".join(parts) + source.choice(("", "", "", "", "/", "/.", " ", "/**", "/*", "/..", "\t"))


def _part(source: random.Random) -> str:
    if source.random() < 0.5:
        return source.choice(_NAMES)
    pool = _TOKENS if source.random() < 0.85 else _RARE + _TOKENS
    return "".join(source.choice(pool) for _ in range(source.choice((1, 1, 2, 3, 4))))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--compare", nargs=2, type=int, metavar=("NUMBER", "SEED"))
    chosen = parser.parse_args()
    if chosen.compare:
        questions = texts(chosen.compare[1], chosen.compare[0])
        wrong = 0
        for text, given in zip(questions, ask(questions), strict=True):
            ours = answer(text)
            expected = None if "error" in given else sorted(given["sent"])
            if ours != expected:
                wrong += 1
                print(json.dumps(text, ensure_ascii=False), "expected", expected, "found", ours)
        print(f"{len(questions)} compared, {wrong} differ")
        return int(wrong > 0)
    questions = list(dict.fromkeys([*WRITTEN, *texts(1, KEPT)]))
    rows = [
        [text, None if "error" in given else pack(given["sent"])]
        for text, given in zip(questions, ask(questions), strict=True)
    ]
    CASES.write_text("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
