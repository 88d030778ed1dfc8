"""The identity of a build: a digest of all that it is sent, whatever the clock and the machine."""

from hashlib import sha256
from pathlib import Path

from buildcontext.files import read_dockerfile, read_files


def content_digest(context: Path, dockerfile: Path | None = None) -> str:
    """Give the SHA-256, in hex, of the Dockerfile and of the names, modes, links and bytes that a build is sent.

    The Dockerfile counts even where the ignore file names it, since a change of it changes the image.

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
        total.update(sha256(entry.content).digest())
    return total.hexdigest()
