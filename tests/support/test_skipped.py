"""The notice of `make test` about skipped tests."""

from tests.support.skipped import notice


def test_the_notice_is_empty_if_no_program_is_missing() -> None:
    assert notice(lambda name: f"/usr/bin/{name}") == ""


def test_the_notice_lists_missing_programs_and_how_to_install_them() -> None:
    assert notice(lambda _: None).splitlines() == [
        "skipped without chromium: the service's pages in a browser",
        "skipped without buildah: image builds, and services from a Dockerfile",
        "skipped without mmdebstrap: image builds, and services from a Dockerfile",
        "skipped without bwrap: containers of images from a Dockerfile",
        "to run them: apt-get install chromium buildah mmdebstrap bubblewrap (on Debian)",
    ]
