"""The identity of a build: a digest of its input, independent of the time and the machine."""

from hashlib import sha256
from pathlib import Path

from buildcontext.files import Entry, read_dockerfile, read_files


def content_digest(context: Path, dockerfile: Path | None = None) -> str:
    """Return the SHA-256, in hex, of the Dockerfile and of the names, modes, links and bytes that a build is sent.

    The Dockerfile is included even if the ignore file names it, because a change of it changes the image. So is the
    content of a file that a link points to: the build is sent only the link, but the hash of docker-build follows it,
    and whatever changes that hash must change this digest (`hashFile` in
    https://github.com/pulumi/pulumi-docker-build/blob/v0.0.22/provider/internal/context.go).

    Args:
        context: the folder of the build.
        dockerfile: default: the file `Dockerfile` in the context.

    Raises:
        ContextError: a file cannot be read; see `read_files`.
    """
    dockerfile = dockerfile or context / "Dockerfile"
    total = sha256()
    total.update(sha256(read_dockerfile(dockerfile)).digest())
    for entry in sorted(read_files(context, dockerfile), key=lambda entry: entry.path):
        # Names contain no NUL, and each content is a digest of fixed length: two contexts cannot give the same bytes.
        total.update(f"{entry.path}\0{entry.mode:o}\0{entry.link}\0".encode())
        total.update(sha256(_content(context, entry)).digest())
    return total.hexdigest()


def _content(context: Path, entry: Entry) -> bytes:
    """Return the bytes of a file, or of the file that a link points to; b"" for a link to a folder or a broken link."""
    target = context / entry.path
    try:
        return target.read_bytes() if entry.link and target.is_file() else entry.content
    except OSError:
        return entry.content
