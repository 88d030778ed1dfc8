"""kubernetes-image-by-digest."""

from typing import Any

import pytest

from infra.policy.rules.image_by_digest import RULE
from tests.infra.policy.compliant import CONTAINER, DEPLOYMENT, DIGEST, POD
from tests.infra.policy.judge import ABSENT, violations


@pytest.mark.parametrize("image", [f"api@{DIGEST}", f"example.com/team/api:1.2@{DIGEST}"])
def test_accepts_a_digest(image: str) -> None:
    """A tag in addition to the digest is accepted."""
    assert violations(RULE, DEPLOYMENT.but(CONTAINER + "image", image)) == []


@pytest.mark.parametrize("image", ["api", "api:latest", "api:1.2.3", "api@sha256:abc", ABSENT])
def test_rejects_anything_else(image: Any) -> None:
    """Tags can move, and a shortened digest is invalid."""
    [message] = violations(RULE, DEPLOYMENT.but(CONTAINER + "image", image))

    assert "container server: image is" in message


def test_rejects_a_tag_in_an_init_container() -> None:
    """Init containers are checked too."""
    assert len(violations(RULE, DEPLOYMENT.but(POD + "initContainers", [{"name": "setup", "image": "busybox"}]))) == 1
