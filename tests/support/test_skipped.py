"""What `make test` says at its start."""

from tests.support.skipped import notice


def test_nothing_is_said_where_nothing_is_missing() -> None:
    assert notice(lambda name: f"/usr/bin/{name}") == ""


def test_each_missing_program_is_named_with_its_tests_and_how_to_get_all() -> None:
    assert notice(lambda _: None).splitlines() == [
        "skipped without chromium: the service's pages in a browser",
        "skipped without buildah: image builds, and services from a Dockerfile",
        "skipped without mmdebstrap: image builds, and services from a Dockerfile",
        "skipped without bwrap: containers of images from a Dockerfile",
        "to run them: apt-get install chromium buildah mmdebstrap bubblewrap (on Debian)",
    ]
