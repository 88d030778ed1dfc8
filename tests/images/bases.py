"""Base images from Debian packages, for a machine without access to an image registry."""

import hashlib
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

PACKAGES = ("ca-certificates", "python-is-python3", "python3", "python3-pip", "usr-is-merged")
MERGED_USR = "/usr/share/mmdebstrap/hooks/merged-usr"
"""Created as merged folders, because the package for it depends on Perl."""
BULK = ("usr/share/doc", "usr/share/man", "usr/share/locale", "var/cache/apt", "var/lib/apt/lists")
GO_PACKAGES = ("dash", "golang-go")
GO_BULK = (*BULK, "usr/lib/go-*/pkg/linux_*/cmd", "usr/share/go-*/src/cmd", "usr/share/go-*/test")
"""Files that no build reads, which are half of these packages."""
RUNTIME = re.compile(
    r"base-files|netbase|media-types|tzdata|ca-certificates|python-is-python3|python3(\.\d+)?(-minimal)?"
    r"|libpython3.*|(libc6|libgcc-s1|libstdc\+\+6|libssl3|zlib1g|libexpat1|libffi8|libbz2-1\.0|liblzma5|libsqlite3-0"
    r"|libuuid1|libcrypt1|libnsl2|libtirpc3|libcom-err2|libkrb5.*|libk5crypto3|libgssapi-krb5-2|libkeyutils1)(t64)?"
)
"""The packages of a distroless Python, without the programs that run their scripts."""
NO_PROGRAMS = re.compile(r"/s?bin/(?!python)|/apt/|/dpkg/")


@dataclass(frozen=True, kw_only=True)
class Mirror:
    """The source of the packages of this machine."""

    codename: str
    """Codename of the release, such as bookworm."""
    url: str


def mirror() -> Mirror | None:
    """Return the Debian mirror of this machine; None if it does not run Debian."""
    listed = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(ORIGIN) $(CODENAME) $(REPO_URI)", "Created-By: Packages"],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    found = re.search(r"^Debian ([a-z]+) (\S+)$", listed, re.MULTILINE)
    return Mirror(codename=found[1], url=found[2]) if found else None


def required_mirror(*tools: str) -> Mirror:
    """Return the mirror. Without it or a tool, skip the test, or fail it if `CI` is set."""
    found = mirror()
    missing = [tool for tool in tools if shutil.which(tool) is None]
    reason = ""
    if os.geteuid() != 0:
        reason = "building a base needs root: run as root"
    elif found is None:
        reason = "the base is made of Debian's packages: run on Debian"
    elif missing:
        packages = ["bubblewrap" if tool == "bwrap" else tool for tool in missing]
        reason = f"{', '.join(missing)} missing: apt install {' '.join(packages)}"
    if reason and os.environ.get("CI"):
        pytest.fail(reason)
    if reason or found is None:
        pytest.skip(reason)
    return found


def debian(mirror: Mirror, folder: Path) -> Path:
    """Return a minimal Debian with Python and pip, unpacked in `folder`; its archive is in the cache of the user."""
    root = folder / "debian"
    root.mkdir(parents=True)
    archive = _archive(mirror, variant="apt", packages=PACKAGES, bulk=BULK)
    _run("tar", "-C", str(root), "-xpf", str(archive))
    return root


def golang(mirror: Mirror) -> Path:
    """Return the archive of a root file system with Go and a shell, from the cache of the user."""
    return _archive(mirror, variant="extract", packages=GO_PACKAGES, bulk=GO_BULK)


def _archive(mirror: Mirror, *, variant: str, packages: tuple[str, ...], bulk: tuple[str, ...]) -> Path:
    home = Path(os.environ.get("XDG_CACHE_HOME", ""))
    cache = (home if home.is_absolute() else Path.home() / ".cache") / "drydock" / "images"
    key = hashlib.sha256(repr((mirror, variant, packages, bulk)).encode()).hexdigest()[:12]
    archive = cache / f"{mirror.codename}-{key}.tar"
    if archive.exists():
        return archive
    options = (f"--include={','.join(packages)}", "--aptopt=APT::Install-Recommends false", f"--hook-dir={MERGED_USR}")
    with TemporaryDirectory() as root:
        _run("mmdebstrap", f"--variant={variant}", *options, mirror.codename, root, mirror.url)
        for path in [each for pattern in bulk for each in Path(root).glob(pattern)]:
            shutil.rmtree(path)
            path.mkdir()
        cache.mkdir(parents=True, exist_ok=True)
        draft = archive.with_suffix(f".{os.getpid()}")  # atomically
        _run("tar", "-C", root, "--exclude=./dev/*", "-cf", str(draft), ".")
        draft.rename(archive)
    return archive


def distroless(debian: Path) -> Path:
    """Create a base image with only Python and the libraries that it loads."""
    root = debian.with_name("distroless")
    root.mkdir()
    for link in ("bin", "lib", "lib64", "sbin"):
        (root / "usr" / link).mkdir(parents=True, exist_ok=True)
        (root / link).symlink_to(f"usr/{link}")
    for listing in sorted((debian / "var/lib/dpkg/info").glob("*.list")):
        if RUNTIME.fullmatch(listing.stem.partition(":")[0]):
            for name in listing.read_text().splitlines():
                if not NO_PROGRAMS.search(name):
                    _copy(debian / name.lstrip("/"), root / name.lstrip("/"))
    # Created by the scripts of the packages, so they are not listed.
    shutil.copytree(debian / "etc/ssl/certs", root / "etc/ssl/certs", symlinks=True, dirs_exist_ok=True)
    (root / "etc/passwd").write_text(
        "root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532::/home:/sbin/nologin\n"
    )
    (root / "etc/group").write_text("root:x:0:\nnonroot:x:65532:\n")
    for name in ("dev", "proc", "sys", "tmp"):
        (root / name).mkdir(exist_ok=True)
    return root


def _copy(source: Path, target: Path) -> None:
    if source.is_symlink() or source.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        if not (target.exists() or target.is_symlink()):
            shutil.copy2(source, target, follow_symlinks=False)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command[0]}: {(done.stdout + done.stderr)[-3000:]}"
