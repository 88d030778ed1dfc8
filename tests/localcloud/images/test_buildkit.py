"""Every instruction and flag of the Dockerfile reference has BuildKit's result, or is refused."""

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localcloud.errors import CloudError
from localcloud.images.build import Image, build
from localcloud.images.dockerfile import FLAGS
from tests.localcloud.images.oracle import CASES, WRITTEN, configured, copied

TAR = io.BytesIO()
with tarfile.open(fileobj=TAR, mode="w:gz") as _archive:
    _archive.addfile(tarfile.TarInfo("inside"))

# The reference: https://docs.docker.com/reference/dockerfile/
REFERENCE = {
    "ADD": "checksum chmod chown exclude keep-git-dir link unpack",
    "ARG": "",
    "CMD": "",
    "COPY": "chmod chown exclude from link parents",
    "ENTRYPOINT": "",
    "ENV": "",
    "EXPOSE": "",
    "FROM": "platform",
    "HEALTHCHECK": "interval retries start-interval start-period timeout",
    "LABEL": "",
    "MAINTAINER": "",
    "ONBUILD": "",
    "RUN": "device mount network security",
    "SHELL": "",
    "STOPSIGNAL": "",
    "USER": "",
    "VOLUME": "",
    "WORKDIR": "",
}


@pytest.fixture
def context(tmp_path: Path) -> Path:
    """A build context with a file, a folder, an archive and links."""
    folder = tmp_path / "context"
    (folder / "d" / "e").mkdir(parents=True)
    (folder / "a").write_text("A")
    (folder / "a").chmod(0o640)
    (folder / "b c").write_text("BC")
    (folder / "d" / "f").write_text("F")
    (folder / "d" / "f").chmod(0o755)
    (folder / "d" / "link").symlink_to("f")
    (folder / "to-d").symlink_to("d")
    (folder / "t.tgz").write_bytes(TAR.getvalue())
    (folder / "t.txt").write_text("text")
    return folder


def build_text(context: Path, text: str, **options: Any) -> Image:
    dockerfile = context.with_name("Dockerfile")
    dockerfile.write_text(text)
    return build(context, dockerfile, **options)


def members(image: Image) -> dict[str, str]:
    """Return each path with its kind, permissions, owner, and content or link: `f 640 0:0 A`."""
    result = {}
    with tarfile.open(fileobj=io.BytesIO(image.layer)) as layer:
        for member in layer:
            kind = "d" if member.isdir() else "l" if member.issym() else "f"
            opened = layer.extractfile(member) if kind == "f" else None
            text = opened.read().decode("latin-1") if opened else member.linkname
            result[member.name] = f"{kind} {member.mode:o} {member.uid}:{member.gid} {text}".strip()
    return result


def test_agrees_with_buildkit() -> None:
    """560 Dockerfiles and 500 copies yield BuildKit's configuration or tree, or are refused, but have no other result.

    cases.json has the answers of BuildKit's own packages; tests/localcloud/images/oracle.py writes it.
    """
    cases = json.loads(CASES.read_text())
    texts = [(given, expected) for given, expected in cases if isinstance(given, str)]
    trees = [(given, expected) for given, expected in cases if not isinstance(given, str)]

    assert set(WRITTEN) <= {text for text, _ in texts}
    assert len(trees) >= 500
    found = [(text, expected, configured(text)) for text, expected in texts]
    assert [(text, given, ours) for text, given, ours in found if ours is not None and ours != given] == []
    assert sum(ours is None and given is not None for _, given, ours in found) <= 4  # refused here only
    assert [(case, given) for case, given in trees if (ours := copied(case)) is not None and ours != given] == []
    assert sum(copied(case) is not None for case, _ in trees) > 200


def test_knows_the_reference() -> None:
    """The table has exactly the instructions and flags of the reference."""
    assert {name: " ".join(sorted(flags)) for name, flags in FLAGS.items()} == REFERENCE


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("COPY a /x", {"x": "f 640 0:0 A"}),
        ("COPY a /x/", {"x": "d 755 0:0", "x/a": "f 640 0:0 A"}),
        ("WORKDIR /x\nCOPY a /x", {"x": "d 755 0:0", "x/a": "f 640 0:0 A"}),
        ("WORKDIR /w\nCOPY a .", {"w": "d 755 0:0", "w/a": "f 640 0:0 A"}),
        ("WORKDIR /w\nCOPY a ../x", {"w": "d 755 0:0", "x": "f 640 0:0 A"}),
        ("COPY d /x", {"x": "d 755 0:0", "x/e": "d 755 0:0", "x/f": "f 755 0:0 F", "x/link": "l 777 0:0 f"}),
        ("COPY to-d/f /", {"f": "f 755 0:0 F"}),
        ("COPY d/link /x", {"x": "f 755 0:0 F"}),
        ('COPY ["b c", "/x y"]', {"x y": "f 644 0:0 BC"}),
        ("COPY b\\ c /x", None),
        ("COPY a d/f /x/", {"x": "d 755 0:0", "x/a": "f 640 0:0 A", "x/f": "f 755 0:0 F"}),
        ("COPY [a] /x/", {"x": "d 755 0:0", "x/a": "f 640 0:0 A"}),
        ("COPY [a-c] /x/", {"x": "d 755 0:0", "x/a": "f 640 0:0 A"}),
        ("COPY to-? /x/", {"x": "d 755 0:0", "x/e": "d 755 0:0", "x/f": "f 755 0:0 F", "x/link": "l 777 0:0 f"}),
        ("COPY --chmod=600 a /x/", {"x": "d 600 0:0", "x/a": "f 600 0:0 A"}),
        ("ARG M=4755\nCOPY --chmod=$M a /x", {"x": "f 4755 0:0 A"}),
        ("COPY --chown=5:6 a /x/", {"x": "d 755 5:6", "x/a": "f 640 5:6 A"}),
        ("COPY --chown=5 a /x", {"x": "f 640 5:5 A"}),
        ("COPY --link a /x/", {"x": "d 755 0:0", "x/a": "f 640 0:0 A"}),
        ("WORKDIR /x\nCOPY --link a /x", {"x": "f 640 0:0 A"}),
        ("WORKDIR /x\nCOPY --link=false a /x", {"x": "d 755 0:0", "x/a": "f 640 0:0 A"}),
        ("ADD a /x", {"x": "f 640 0:0 A"}),
        ("ADD --chmod=600 --chown=1:2 a /x", {"x": "f 600 1:2 A"}),
        ("ADD t.txt /x", {"x": "f 644 0:0 text"}),
        ("USER 7:8\nWORKDIR /w/v", {"w": "d 755 7:8", "w/v": "d 755 7:8"}),
        ("USER 7\nCOPY a /x", {"x": "f 640 0:0 A"}),
        ("RUN --mount=type=cache,target=/c --network=none --security=sandbox <<EOF\nCOPY a /no\nEOF", {}),
        ("RUN true", {}),
    ],
)
def test_copies_files_as_buildkit_does(context: Path, lines: str, expected: dict[str, str] | None) -> None:
    """Paths, permissions, owners, links and folders are equal. None means that BuildKit refuses the line too."""
    text = f"FROM scratch\n{lines}\n"
    if expected is None:
        with pytest.raises(CloudError, match=r"Dockerfile:2: "):
            build_text(context, text)
    else:
        assert members(build_text(context, text)) == expected


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("ADD https://example.com/x /x", "the remote source https://example.com/x is not supported"),
        ("ADD git@github.com:a/b.git /x", "the remote source"),
        ("ADD t.tgz /x/", "ADD of the archive t.tgz is not supported by the local cloud.*use COPY"),
        ("ADD --checksum=sha256:0 a /x", "ADD --checksum is not supported.*keep the file in the build context"),
        ("ADD --keep-git-dir a /x", "ADD --keep-git-dir is not supported"),
        ("ADD --unpack a /x", "ADD --unpack is not supported"),
        ("ADD --exclude=*.md d /x", "ADD --exclude is not supported"),
        ("ADD <<EOF /x\nhello\nEOF", "ADD of a here-document is not supported"),
        ("COPY --exclude=*.md d /x", r"COPY --exclude is not supported.*\.dockerignore"),
        ("COPY --parents d/f /x", "COPY --parents is not supported"),
        ("COPY --chmod=u+x a /x", "--chmod=u\\+x is not supported.*octal"),
        ("COPY --chmod=10000 a /x", "--chmod=10000 is not supported"),
        ("COPY --chown=app a /x", "owner 'app' is not supported.*give numbers"),
        ("COPY --from=nginx:1 /etc/nginx /x", "--from=nginx:1 is not an earlier stage, and images are not fetched"),
        ("COPY --from=1 / /x", "--from=1 is not an earlier stage"),
        ("COPY <<EOF /x\nhello\nEOF", "COPY of a here-document is not supported.*keep it in a file"),
        ("COPY a d/f /x", "the destination must end with a slash: /x/"),
        ("COPY a", "expected sources and a destination"),
        ("COPY none /x", "nothing in the build context matches 'none'"),
        ("COPY none* /x", r"nothing in the build context matches 'none\*'"),
        ("COPY [ /x", "not closed"),
        ("COPY --link --link a /x", "COPY has --link twice"),
        ("COPY --link=maybe a /x", "accepted are true and false"),
        ("COPY --chmod a /x", "--chmod needs a value"),
        ("COPY --bogus=1 a /x", "COPY has no flag --bogus; it has --chmod"),
        ("CMD --interval=1s x", "CMD has no flag --interval; it has none"),
        ("RUN --bogus x", "RUN has no flag --bogus; it has --mount"),
        ("RUN <<EOF\nno end", "the here-document EOF has no end"),
        ("ONBUILD RUN x", "ONBUILD is not supported by the local cloud"),
        ("ONBUILD COPY <<EOF /x\nFROM a\nEOF", "ONBUILD is not supported"),
        ("USER app\nWORKDIR /new", "USER app before WORKDIR /new: owner 'app' is not supported"),
        ("SHELL bash", "SHELL needs a JSON list"),
        ("STOPSIGNAL HUGO", "there is no signal 'HUGO'"),
        ("EXPOSE http", "'http' is not a port"),
        ("EXPOSE 90-80", "'90-80' is not a port"),
        ("EXPOSE 80/icmp", "'80/icmp' is not a port"),
        ("HEALTHCHECK CMD", "expected HEALTHCHECK NONE, or"),
        ("HEALTHCHECK --retries=-1 CMD x", "--retries=-1 is not a number"),
        ("HEALTHCHECK --timeout=5 CMD x", "--timeout=5 is not a duration"),
        ("VOLUME []", "a VOLUME needs a path"),
        ("ENV A=1 B", "'B' is not of the form NAME=value"),
        ("LABEL a=${X#y}", "this substitution is not supported; accepted are"),
        ("LABEL a=${X/y/z}", "this substitution is not supported"),
        ("LABEL a=${X:?missing}", "X: missing"),
        ('LABEL a="b', 'a quote " is not closed'),
        ("FORM scratch", "unknown instruction FORM; accepted are ADD, ARG"),
        ('CMD ["a", 1]', "a JSON list must hold strings only"),
        ("FROM --platform=linux/s390x scratch", "FROM --platform=linux/s390x is not supported.*linux/amd64 alone"),
        ("FROM ${EMPTY}", "is empty; give its ARG before the first FROM a value"),
        ("FROM a b", "expected FROM image, or FROM image AS name"),
        ("FROM a AS 1b", "the stage name '1b' must start with a letter"),
    ],
)
def test_refuses_unsupported_and_malformed_lines(context: Path, line: str, message: str) -> None:
    """The message has the file, the line, the instruction or its part, and the accepted form."""
    number = 2 + (line.startswith("USER app"))
    with pytest.raises(CloudError, match=rf"(?s)Dockerfile:{number}: .*{message}"):
        build_text(context, f"FROM scratch\n{line}\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# syntax=example.com/frontend\nFROM scratch\n", "1: the frontend example.com/frontend is not supported"),
        ("# escape=x\nFROM scratch\n", "1: escape=x is not supported"),
        ("# escape=\\\n# escape=`\nFROM scratch\n", "2: the directive escape is given twice"),
        ("", "1: the Dockerfile has no FROM"),
        ("RUN x\nFROM scratch\n", "1: the Dockerfile has no FROM before RUN"),
    ],
)
def test_refuses_unsupported_lines_before_the_first_from(context: Path, text: str, message: str) -> None:
    """They are parser directives and instructions."""
    with pytest.raises(CloudError, match=rf"Dockerfile:{message}"):
        build_text(context, text)


def test_refuses_a_file_that_is_not_utf_8(context: Path) -> None:
    """The message says that the Dockerfile is not UTF-8."""
    dockerfile = context.with_name("Dockerfile")
    dockerfile.write_bytes(b"FROM scratch\nLABEL a=\xff\n")

    with pytest.raises(CloudError, match="is not UTF-8"):
        build(context, dockerfile)


def test_copies_from_a_stage(context: Path) -> None:
    """The stage is given by name or number; owners may change, and wildcards match in it."""
    text = "FROM scratch AS one\nCOPY --chown=5 d /d\nFROM scratch\nCOPY --from=ONE /d/f /x\nCOPY --from=0 /d/* /y/\n"

    found = members(build_text(context, text))

    assert found["x"] == "f 755 0:0 F"
    assert sorted(found) == ["x", "y", "y/f", "y/link"]  # the folder e is empty, and its content is copied to y


def test_refuses_to_copy_files_that_only_a_run_or_a_base_image_has(context: Path) -> None:
    """The message says that RUN is not executed, or that files of base images are not available."""
    copied_from = "FROM scratch\nCOPY --from=one /made /x\n"

    assert members(build_text(context, f"FROM base AS one\nRUN make\n{copied_from}")) == {}
    with pytest.raises(
        CloudError, match=r"4: .*nothing in the stage one.*'/made'; the files of its base image are not"
    ):
        build_text(context, f"FROM base AS one\nENV A=1\n{copied_from}")
    with pytest.raises(CloudError, match="nothing in the stage one matches"):
        build_text(context, f"FROM scratch AS one\nCOPY a /a\n{copied_from}")


def test_copies_into_folders_of_a_base_image(context: Path) -> None:
    """`/usr/local/bin` is a folder in every base; a folder that a RUN creates needs a trailing slash."""
    assert "usr/local/bin/a" in members(build_text(context, "FROM base\nCOPY a /usr/local/bin\n"))
    assert members(build_text(context, "FROM scratch\nCOPY a /usr\n")) == {"usr": "f 640 0:0 A"}
    with pytest.raises(CloudError, match=r"3: a RUN, which the local cloud does not execute, makes the folder /data"):
        build_text(context, "FROM base\nRUN mkdir -p /data && true\nCOPY a /data\n")


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("COPY a /x\nCOPY d /x", "/x is a file, but the destination requires a folder"),
        ("COPY d /x\nCOPY d/f /x/e", None),
        ("COPY d /x\nCOPY d/f /e\nCOPY d/ /x\nCOPY a /x/link/y", "the destination leads through the link /x/link"),
        ("COPY a /e\nCOPY d /", "a folder cannot replace the file /e"),
        ("COPY d/ /x\nWORKDIR /y/f\nCOPY d /y", "a file cannot replace the folder /y/f"),
    ],
)
def test_refuses_to_replace_a_folder_by_a_file_and_a_file_by_a_folder(
    context: Path, lines: str, message: str | None
) -> None:
    """A file may be copied into a folder."""
    text = f"FROM scratch\n{lines}\n"
    if message is None:
        assert members(build_text(context, text))["x/e/f"] == "f 755 0:0 F"
    else:
        with pytest.raises(CloudError, match=message):
            build_text(context, text)


def test_builds_only_the_needed_stages(context: Path) -> None:
    """As in BuildKit, an unsupported step of another stage is accepted, and a malformed one is refused."""
    assert members(build_text(context, "FROM scratch\nONBUILD RUN x\nFROM scratch\nCOPY a /x\n")) == {
        "x": "f 640 0:0 A"
    }
    with pytest.raises(CloudError, match="2: unknown instruction BOGUS"):
        build_text(context, "FROM scratch\nBOGUS x\nFROM scratch\n")


def test_here_documents_of_run_are_part_of_the_history(context: Path) -> None:
    """Their lines are not instructions, and a change of one changes the digest, although RUN is not executed."""
    text = "FROM scratch\nRUN <<EOF\nFROM nothing\nEOF\nCMD x\n"
    image = build_text(context, text)

    assert json.loads(image.config)["config"]["Cmd"] == ["/bin/sh", "-c", "x"]
    assert build_text(context, text.replace("nothing", "something")).digest != image.digest


_WORDS = """
FROM scratch AS a b COPY ADD RUN ARG ENV CMD LABEL WORKDIR USER EXPOSE VOLUME SHELL STOPSIGNAL HEALTHCHECK ONBUILD NONE
ENTRYPOINT --from=a --chmod=7 -- --x <<E E A=1 $A ${A ${A:-b} ${ ' " \\ # [ ] ["a"] [1e999] 80 /x /x/ . * é
` = $ d d/f ? [^
"""
WORDS = st.sampled_from([*_WORDS.split(), "\\\n", "\n", "\n", "\n", "\t", "\r\n", "# escape=`\n", "\0"])
TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(WORDS, max_size=14).map(" ".join),
    st.lists(WORDS, max_size=14).map(lambda words: "FROM scratch\n" + " ".join(words)),
)


@settings(deadline=None, max_examples=300)
@given(text=TEXTS)
def test_any_text_is_built_or_refused(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """There is no other error, a refusal names the line, and the same text yields the same image."""
    context = tmp_path_factory.getbasetemp() / "any-text"
    (context / "d").mkdir(parents=True, exist_ok=True)
    (context / "d" / "f").write_text("F")
    dockerfile = context.with_name("any-text.Dockerfile")
    dockerfile.write_bytes(text.encode())
    try:
        image = build(context, dockerfile)
    except CloudError as error:
        message = str(error)
    else:
        message = ""
        assert build(context, dockerfile).digest == image.digest
        assert members(image) is not None
    line = message.removeprefix(f"{dockerfile}:").partition(":")[0]
    assert not message or 1 <= int(line) <= text.count("\n") + 1
