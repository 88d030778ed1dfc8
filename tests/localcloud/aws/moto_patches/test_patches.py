"""Each patch of moto works and is still needed: the same steps succeed with it and fail without it."""

import importlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import moto
import pytest
from moto import mock_aws

from localcloud.aws import moto_patches
from localcloud.aws.moto_patches.patch import Changes, Patch
from localcloud.errors import CloudError
from tests.localcloud.aws.moto_patches.steps import ec2, eks, elbv2, moto_core, rds, security, storage
from tests.localcloud.aws.moto_patches.steps.common import PLACES

FOLDER = Path(moto_patches.__file__).parent
STEPS: tuple[Callable[[], None], ...] = (
    *ec2.STEPS,
    *eks.STEPS,
    *elbv2.STEPS,
    *moto_core.STEPS,
    *rds.STEPS,
    *security.STEPS,
    *storage.STEPS,
)
every_patch = pytest.mark.parametrize("steps", STEPS, ids=lambda steps: steps.__name__)


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")  # as the server of the local account does
    with mock_aws():
        yield
    moto_patches.apply(PLACES)


def test_every_patch_has_steps() -> None:
    """A new patch without a test fails here."""
    assert sorted(each.name for each in moto_patches.patches()) == sorted(steps.__name__ for steps in STEPS)


@every_patch
def test_the_steps_succeed_with_the_patch(steps: Callable[[], None]) -> None:
    """All patches are applied."""
    moto_patches.apply(PLACES)

    steps()


@every_patch
def test_the_steps_fail_without_the_patch(steps: Callable[[], None]) -> None:
    """Only this patch is left out. A patch whose steps succeed here can be deleted."""
    moto_patches.apply(PLACES, without=steps.__name__)

    with pytest.raises(BaseException):  # noqa: B017, PT011 - whatever moto does instead
        steps()


@pytest.mark.parametrize("version", ["5.1.9", "5.3.0", "6.0", "4.99.1"])
def test_refuses_an_unverified_version_of_moto(version: str) -> None:
    """The message has the version, the range and the remedy."""
    for each in moto_patches.patches():
        with pytest.raises(CloudError, match=rf"moto {version} is installed.*{each.name} covers 5.2 .*5.3.*make setup"):
            each.check(version)


def test_the_installed_version_of_moto_is_verified() -> None:
    """It is in the range of every patch; the lower bound is included and the upper bound is not."""
    for each in moto_patches.patches():
        each.check(moto.__version__)
        each.check(each.since)
        with pytest.raises(CloudError):
            each.check(each.before)


def test_every_patch_has_its_upstream_status() -> None:
    """The last line of its docstring has a fixed form: an issue or pull request with its state, or none."""
    known = r"not reported|no defect|#\d+ (open|closed|merged)(, | by #\d+, )[^;]+; [^;]+ not reported"
    patches = {path.stem for path in FOLDER.glob("*.py")} - {"__init__", "patch"}
    wrong = {}
    for name in patches:
        last = (importlib.import_module(f"{moto_patches.__name__}.{name}").__doc__ or "").rstrip().splitlines()[-1]
        if not re.fullmatch(rf"Upstream in \d{{4}}-\d{{2}}: ({known})\.", last):
            wrong[name] = last

    assert patches == {steps.__name__ for steps in STEPS}
    assert wrong == {}


def test_versions_are_compared_as_numbers() -> None:
    """5.10 is newer than 5.9."""
    for_some = Patch(name="p", since="5.9", before="5.11", apply=lambda changes: None)

    for_some.check("5.10.3")
    with pytest.raises(CloudError):
        for_some.check("5.11")


def test_changes_are_undone() -> None:
    """Attributes, including inherited ones, and items have their former values."""

    class Base:
        inherited = 1

    class Owner(Base):
        own = 2

    table = {"there": 1}
    changes = Changes(PLACES)
    assert changes.put(Owner, "inherited", 10) == 1
    assert changes.put(Owner, "own", 20) == 2
    changes.put(Owner, "new", 30)
    changes.put_item(table, "added", 2)
    changes.put_item(table, "there", 2)

    changes.undo()

    assert (Owner.inherited, Owner.own, hasattr(Owner, "new"), table) == (1, 2, False, {"there": 1})
    assert "inherited" not in vars(Owner)
