"""A Python package that requires no index, for tests of installations."""

import zipfile
from hashlib import sha256
from pathlib import Path

WHEEL = "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def greeting_wheel(folder: Path) -> str:
    """Create a package `greeting`, whose `TEXT` is `from the lock`, and return its line for a lock file."""
    path = folder / "greeting-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("greeting.py", "TEXT = 'from the lock'\n")
        archive.writestr("greeting-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: greeting\nVersion: 1.0\n")
        archive.writestr("greeting-1.0.dist-info/WHEEL", WHEEL)
        archive.writestr("greeting-1.0.dist-info/RECORD", "greeting.py,,\n")
    return f"greeting @ {path.as_uri()} --hash=sha256:{sha256(path.read_bytes()).hexdigest()}\n"
