"""The identity of a build: a digest of all that it is sent, whatever the clock and the machine."""

from hashlib import sha256
from pathlib import Path

from buildcontext.files import Entry, read_dockerfile, read_files


def content_digest(context: Path, dockerfile: Path | None = None) -> str:
    """Give the SHA-256, in hex, of the Dockerfile and of the names, modes, links and bytes that a build is sent.

    The Dockerfile counts even where the ignore file names it, since a change of it changes the image. So does the
    content of a file that a link points to: the build is sent the link alone, but docker-build's own hash follows it,
    and what that changes for has to change this digest (`hashFile` in
    https://github.com/pulumi/pulumi-docker-build/blob/v0.0.22/provider/internal/context.go).

    Args:
        context: the folder that is built from.
        dockerfile: by default the file of that name in the context.

    Raises:
        ContextError: something of it cannot be read; see `read_files`.
    """
    dockerfile = dockerfile or context / "Dockerfile"
    total = sha256()
    total.update(sha256(read_dockerfile(dockerfile)).digest())
    for entry in sorted(read_files(context, dockerfile), key=lambda entry: entry.path):
        # Names hold no NUL, and the content counts by a digest of fixed length: two contexts cannot read the same.
        total.update(f"{entry.path}\0{entry.mode:o}\0{entry.link}\0".encode())
        total.update(sha256(_content(context, entry)).digest())
    return total.hexdigest()


def _content(context: Path, entry: Entry) -> bytes:
    """The bytes of a file, or of the file that a link points to; nothing for a link to a folder or to nowhere."""
    target = context / entry.path
    try:
        return target.read_bytes() if entry.link and target.is_file() else entry.content
    except OSError:
        return entry.content
