"""Accepted versions of the tools."""

import pytest

from infra.toolchain.pins import KUBERNETES, MODULES, PULUMI
from infra.toolchain.tools import OPTIONAL, Tool, required
from infra.toolchain.versions import Version

MAJOR, MINOR, _ = KUBERNETES.version


def tool(name: str) -> Tool:
    """Return a required tool by name."""
    return next(tool for tool in required() if tool.name == name)


@pytest.mark.parametrize(
    ("name", "version", "accepted"),
    [
        ("pulumi", PULUMI.version, True),
        ("pulumi", (3, PULUMI.version[1] - 1, 9), False),
        ("pulumi", (3, PULUMI.version[1] + 40, 0), True),
        ("pulumi", (4, 0, 0), False),
        ("etcd", (3, 4, 99), False),
        ("etcd", (3, 5, 0), True),
        ("etcd", (3, 6, 6), True),
        ("etcd", (4, 0, 0), False),
        ("kube-apiserver", (MAJOR, MINOR - 1, 9), False),
        ("kube-apiserver", (MAJOR, MINOR, 0), True),
        ("kube-controller-manager", (MAJOR, MINOR, 99), True),
        ("kube-scheduler", (MAJOR, MINOR + 1, 0), False),
        ("kubectl", (MAJOR, MINOR - 2, 9), False),
        ("kubectl", (MAJOR, MINOR - 1, 0), True),
        ("kubectl", (MAJOR, MINOR + 1, 9), True),
        ("kubectl", (MAJOR, MINOR + 2, 0), False),
    ],
)
def test_accepts_versions_compatible_with_the_pins(name: str, version: Version, accepted: bool) -> None:
    """The engine may be newer, control plane parts have the same minor version, kubectl may differ by one minor."""
    assert tool(name).accepts(version) is accepted


def test_every_required_tool_can_be_built() -> None:
    """No required tool has to be installed manually."""
    buildable = {name: module for module in MODULES for name, _ in module.packages}

    assert {tool.name: tool.module for tool in required()} == buildable


def test_every_optional_tool_says_how_to_get_it() -> None:
    """It is not built, so it has a remedy; any version is accepted."""
    assert all(tool.remedy and tool.module is None and tool.accepted == "any" for tool in OPTIONAL)
