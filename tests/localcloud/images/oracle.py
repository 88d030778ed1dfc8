"""Ask BuildKit's own packages what a Dockerfile configures and what a COPY does, and store the answers in cases.json.

Run manually after a change of the versions in tools/buildkit/go.mod or of the generators below; needs Go:

    python -m tests.localcloud.images.oracle                       # writes cases.json
    python -m tests.localcloud.images.oracle --compare 5000 7      # 5000 new cases from the seed 7, not stored
"""

import argparse
import json
import posixpath
import random
import re
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from localcloud.errors import CloudError
from localcloud.images.build import build
from localcloud.images.context import Entry, Tree
from localcloud.images.copying import Target, copy, find

ROOT = Path(__file__).parents[3]
CASES = Path(__file__).with_name("cases.json")
KEPT = 500
BUILD_ARGS = {"GIVEN": "from-build", "TARGETARCH": "arm64"}
COMPARED = (
    "Env",
    "Cmd",
    "Entrypoint",
    "WorkingDir",
    "User",
    "ExposedPorts",
    "Volumes",
    "Labels",
    "StopSignal",
    "Shell",
)

WRITTEN = (
    "FROM scratch\nCMD x\nENTRYPOINT y\n",
    "FROM scratch\nENTRYPOINT y\nCMD x\n",
    "FROM scratch AS a\nCMD x\nFROM a\nENTRYPOINT y\n",
    "FROM scratch AS a\nENTRYPOINT y\nCMD x\nFROM a\nCMD z\n",
    "ARG V=1\nFROM scratch\nARG V\nENV A=$V\n",
    "ARG V=1\nFROM scratch\nENV A=$V\n",
    "ARG V=1\nFROM scratch\nARG V=2\nENV A=$V\n",
    "ARG GIVEN=1\nFROM scratch\nARG GIVEN\nENV A=$GIVEN\n",
    "FROM scratch\nARG TARGETARCH TARGETOS TARGETVARIANT\nENV A=$TARGETARCH,$TARGETOS,$TARGETVARIANT\n",
    "FROM scratch\nARG TARGETPLATFORM BUILDPLATFORM TARGETSTAGE\nENV A=$TARGETPLATFORM,$BUILDPLATFORM,$TARGETSTAGE\n",
    "FROM scratch\nENV A=${TARGETOS}x\n",
    "FROM scratch\nENV A=1\nARG A=2\nLABEL l=$A\n",
    "FROM scratch\nARG A=2\nENV A=1\nLABEL l=$A\n",
    "FROM scratch AS a\nARG A=2\nFROM a\nLABEL l=$A\n",
    "FROM scratch\nENV A=1 B=$A\nENV A=2 B=$A\n",
    "FROM scratch\nENV A b c  d\n",
    'FROM scratch\nENV A="b c" B=\'$A\' C=a\\ b D="\\$A"\n',
    "FROM scratch\nLABEL a=${X:-y} b=${X:+y} c=${X-y} d=${X+y}\n",
    "FROM scratch\nENV X=1\nLABEL a=${X:-y} b=${X:+y} c=${X-y} d=${X+y} e=${X:?no}\n",
    "FROM scratch\nLABEL a=${X:?no}\n",
    "FROM scratch\nWORKDIR a\nWORKDIR b/../c\nWORKDIR ./d\n",
    "FROM scratch\nWORKDIR /a/\nWORKDIR ..\n",
    "FROM scratch\nEXPOSE 80 443/tcp 53/UDP 8000-8002\n",
    "FROM scratch\nENV P=80\nEXPOSE $P ${P}81/sctp\n",
    "FROM scratch\nEXPOSE x\n",
    'FROM scratch\nVOLUME /a /b\nVOLUME ["/c d"]\n',
    "FROM scratch\nSTOPSIGNAL SIGQUIT\n",
    "FROM scratch\nSTOPSIGNAL 9\n",
    "FROM scratch\nSTOPSIGNAL NOPE\n",
    'FROM scratch\nSHELL ["/bin/bash", "-c"]\nCMD x\n',
    "FROM scratch\nSHELL /bin/bash\n",
    "FROM scratch\nCMD [\"a\", 'b']\n",
    'FROM scratch\nCMD ["a", 1]\n',
    "FROM scratch\nCMD [ ]\n",
    'FROM scratch\nENTRYPOINT []\nCMD ["x"]\n',
    "FROM scratch\nUSER 1:2\nUSER a b\n",
    '# escape=`\nFROM scratch\nLABEL a=b`\n c=`d e="\\f"\n',
    "FROM scratch\nLABEL a=b \\\n# a comment\n  c=d \\\n\n  e=f\n",
    "FROM scratch\nLABEL a=b \\\n",
    "# syntax=docker/dockerfile:1\n# escape=\\\nFROM scratch\nCMD x\n",
    "\ufeffFROM scratch\r\nLABEL a=b \\\r\n c=d\r\n",
    "FROM scratch\nRUN <<EOF\nFROM nothing\nCMD z\nEOF\nCMD x\n",
    "FROM scratch\nRUN cat <<'A' <<-B\nCMD a\nA\n\tCMD b\n\tB\nCMD x\n",
    "FROM scratch\nRUN cat <<< EOF\nCMD x\n",
    'FROM scratch\nRUN echo "<<EOF"\nCMD x\n',
    "FROM scratch\nRUN <<EOF\nCMD z\n",
    "FROM scratch\nBOGUS x\n",
    "from scratch as A\nFROM a\ncmd x\n",
    "FROM scratch AS 1a\n",
    "FROM scratch AS a b\n",
    "RUN x\nFROM scratch\n",
    "ARG A=1\n",
    "",
    "FROM scratch\nCMD --flag x\n",
    "FROM scratch\nENV\n",
    "FROM scratch\nENV A\n",
    "FROM scratch\nENV A=1 B\n",
    "FROM scratch\nENV =1\n",
    'FROM scratch\nLABEL a="b\n',
    "FROM scratch\nLABEL a=${b\n",
    "FROM scratch\nMAINTAINER me and you\n",
    'FROM scratch\nHEALTHCHECK --interval=1m30s --timeout=500ms --retries=3 CMD ["a"]\n',
    "FROM scratch\nHEALTHCHECK CMD a b\n",
    "FROM scratch\nHEALTHCHECK NONE\n",
    "FROM scratch\nHEALTHCHECK --interval=1 CMD a\n",
    "FROM scratch\nHEALTHCHECK x\n",
)

_LINES = (
    *(
        "ENV {n}={v}",
        "ENV {n} {v} {v}",
        "ENV {n}={v} {n}={v}",
        "ARG {n}={v}",
        "ARG {n}",
        "ARG {n} {n}={v}",
        "LABEL {n}={v}",
    ),
    *(
        "WORKDIR {p}",
        "USER {v}",
        "EXPOSE 80 8{d}/udp",
        "VOLUME {p} {p}",
        "CMD {v} {v}",
        'CMD ["{w}"]',
        "ENTRYPOINT {v}",
    ),
    *(
        'ENTRYPOINT ["{w}"]',
        'SHELL ["{w}", "-c"]',
        "STOPSIGNAL {d}",
        "# comment",
        "",
        "RUN {v}",
        "LABEL {n}={v} \\\n  {n}={v}",
    ),
    *(
        "ENV {n}={v} \\\n# comment\n {n}={v}",
        "RUN <<E\nCMD {v}\nE",
        "FROM scratch AS {n}",
        "FROM scratch",
        "ENV {v}",
        "MAINTAINER {w}",
    ),
)
_VALUES = (
    *(
        "a",
        "b c",
        '"b c"',
        "'$A'",
        "$A",
        "${{A}}",
        "${{B:-x}}",
        "${{B:+x}}",
        "${{C-$A}}",
        '"${{A}} z"',
        "a\\ b",
        '\\"',
        "$TARGETARCH",
    ),
    *(
        "${{GIVEN}}",
        "",
        "é",
        "$",
        "$$",
        "\\$A",
        '"\\n"',
        "'",
        '"',
        "${{A",
        "x$A.y",
        "$A_b",
        "${{A:-${{B:-c}}}}",
        "a=b",
        "#x",
        "{{}}",
    ),
)


def dockerfiles(seed: int, number: int) -> list[str]:
    """Generate Dockerfiles with the base image scratch."""
    source = random.Random(seed)
    return [_dockerfile(source) for _ in range(number)]


def copies(seed: int, number: int) -> list[dict[str, Any]]:
    """Generate COPY instructions over small trees."""
    source = random.Random(seed)
    return [_copy(source) for _ in range(number)]


def configured(text: str) -> dict[str, Any] | None:
    """Return the configuration from our own builder, or None if it refuses the Dockerfile."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "Dockerfile"
        path.write_bytes(text.encode())
        try:
            config = json.loads(build(Path(folder), path, build_args=BUILD_ARGS).config)
        except CloudError as error:
            if not re.search(r"Dockerfile:\d+: \S", str(error)):
                raise AssertionError(f"no line in {error}") from error
            return None
    return comparable(config["config"], config.get("author", ""))


def comparable(config: dict[str, Any], author: str) -> dict[str, Any]:
    """Return the compared fields without empty ones and defaults, and with normalized paths."""
    found = {key: config[key] for key in (*COMPARED, "Healthcheck") if config.get(key)}
    if "WorkingDir" in found:  # BuildKit keeps double slashes
        found["WorkingDir"] = posixpath.normpath(found["WorkingDir"])
    if found.get("WorkingDir") == "/":
        del found["WorkingDir"]
    return found | ({"Author": author} if author else {})


def copied(case: dict[str, Any]) -> dict[str, str] | None:
    """Return the tree after a COPY by our own builder, or None if it refuses it."""
    context, stage = _tree(case["context"]), _tree(case["stage"])
    try:
        for source in case["sources"]:
            found = find(context, source)
            if not found:
                return None
            copy(stage, found, Target(path=case["dest"], mode=case["mode"]))
    except CloudError:
        return None
    return {path: _shown(entry) for path, entry in stage.items()}


def ask(program: str, questions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the answers of a program in tools/buildkit."""
    lines = "".join(json.dumps(question) + "\n" for question in questions)
    ran = subprocess.run(
        ["go", "run", f"./{program}"],
        cwd=ROOT / "tools/buildkit",
        input=lines,
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in ran.stdout.splitlines()]


def answers(texts: list[str], cases: list[dict[str, Any]]) -> tuple[list[Any], list[Any]]:
    """Return BuildKit's answers: a configuration or a tree each, or None if it refuses."""
    files = ask("dockerfile", [{"text": text, "args": BUILD_ARGS} for text in texts])
    trees = ask("copy", cases)
    return (
        [None if "error" in one else comparable(one["config"], one.get("author", "")) for one in files],
        [None if "error" in one else one["stage"] for one in trees],
    )


def _dockerfile(source: random.Random) -> str:
    lines = [_line(source, ("ARG {n}={v}", "ARG {n}", "# comment")) for _ in range(source.choice((0, 0, 1, 2)))]
    lines.append("FROM scratch")
    lines += [_line(source, _LINES) for _ in range(source.randint(1, 6))]
    return source.choice(("\n", "\n", "\n", "\r\n")).join(lines) + source.choice(("\n", "\n", ""))


def _line(source: random.Random, pool: tuple[str, ...]) -> str:
    def value(found: re.Match[str]) -> str:
        match found[1]:
            case "n":
                return source.choice("ABC")
            case "v":
                return source.choice(_VALUES).replace("{{", "{").replace("}}", "}")
            case "p":
                return source.choice(("/a", "b", "../c", "$A", "/", ".", "./d/", "/e//f"))
            case "d":
                return str(source.randint(1, 9))
        return source.choice(("a", "b c", "$A", "é"))

    return re.sub(r"\{([nvpdw])\}", value, source.choice(pool))


def _copy(source: random.Random) -> dict[str, Any]:
    return {
        "context": _some_tree(source, ("a", "b.txt", "d", "d/a", "d/e", "d/e/f", "l", "d/m", "x[1]")),
        "stage": _some_tree(source, ("s", "s/a", "s/t", "d", "n", "s/e")),
        "sources": [
            source.choice(
                (
                    "a",
                    "b.txt",
                    "d",
                    ".",
                    "d/e",
                    "l",
                    "*.txt",
                    "d/*",
                    "?",
                    "/d/",
                    "../a",
                    "[a-b]*",
                    "*/e",
                    "d/a",
                    "x[[]1]",
                )
            )
            for _ in range(source.choice((1, 1, 1, 2)))
        ],
        "dest": source.choice(
            ("/", "/s", "/s/", "/s/t", "/new", "/new/", "/new/deep", "/n", "/n/", "/d", "/s/.", "/s/../q", "/s/a")
        ),
        "mode": source.choice((None, None, None, 0o600, 0o755)),
    }


def _some_tree(source: random.Random, names: tuple[str, ...]) -> dict[str, str]:
    result: dict[str, str] = {}
    for name in names:
        parent = name.rpartition("/")[0]
        if source.random() < 0.3 or (parent and result.get(parent) != "d"):
            continue
        kind = "d" if any(other.startswith(f"{name}/") for other in names) and source.random() < 0.9 else "f"
        result[name] = f"f{name}" if kind == "f" else "d"
        if name in {"l", "d/m"}:
            result[name] = "l" + source.choice(("a", "d", "/d", "../a", "nowhere", "e"))
    return result


def _tree(shown: dict[str, str]) -> Tree:
    return {
        path: Entry(folder=True, mode=0o755)
        if text[0] == "d"
        else Entry(link=text[1:])
        if text[0] == "l"
        else Entry(content=text[1:].encode())
        for path, text in shown.items()
    }


def _shown(entry: Entry) -> str:
    if entry.link:
        return f"l{entry.link}"
    return f"d{entry.mode:o}:" if entry.folder else f"f{entry.mode:o}:{entry.content.decode()}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--compare", nargs=2, type=int, metavar=("NUMBER", "SEED"))
    chosen = parser.parse_args().compare
    number, seed = chosen or (KEPT, 1)
    texts, cases = dockerfiles(seed, number), copies(seed, number)
    if not chosen:
        texts = list(dict.fromkeys([*WRITTEN, *texts]))
    configs, trees = answers(texts, cases)
    if not chosen:
        rows = [json.dumps(row) for row in [*zip(texts, configs, strict=True), *zip(cases, trees, strict=True)]]
        CASES.write_text("[\n" + ",\n".join(rows) + "\n]\n")
        return 0
    wrong = refused = 0
    for given, expected, found in [
        *((text, expected, configured(text)) for text, expected in zip(texts, configs, strict=True)),
        *((case, expected, copied(case)) for case, expected in zip(cases, trees, strict=True)),
    ]:
        refused += found is None and expected is not None
        if found is not None and found != expected:
            wrong += 1
            print(json.dumps(given, ensure_ascii=False), "expected", expected, "found", found)
    print(f"{2 * number} compared, {wrong} wrong, {refused} refused that BuildKit takes")
    return int(wrong > 0)


if __name__ == "__main__":
    raise SystemExit(main())
