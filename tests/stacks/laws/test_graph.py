"""Laws of the resource graph, for every stack and drawn settings, each with mistakes that it finds."""

from functools import cache

import pytest

from tests.stacks.laws.graph import (
    agreement,
    belonging,
    capacity,
    encryption,
    naming,
    order,
    protection,
    retention,
    secrecy,
    tagging,
    trust,
)
from tests.stacks.laws.graph.law import Break, Law
from tests.support.worlds import World, every_world, world_of

THEMES = [protection, secrecy, encryption, tagging, retention, naming, order, trust, agreement, belonging, capacity]
LAWS: list[Law] = [law for theme in THEMES for law in theme.LAWS]
BREAKS: list[Break] = [each for theme in THEMES for each in theme.BREAKS]


def _findings(world: World) -> dict[str, list[str]]:
    """Return law name -> its findings."""
    return {law.__name__: findings for law in LAWS if (findings := list(law(world)))}


@cache
def _findings_of_prod() -> dict[str, list[str]]:
    return _findings(world_of("prod"))


@every_world
def test_laws_hold(world: World) -> None:
    assert _findings(world) == {}


@pytest.mark.parametrize("broken", BREAKS, ids=lambda broken: broken.name)
def test_a_mistake_is_found_by_its_law_only(broken: Break) -> None:
    """All laws check the program with the mistake. Findings without it are reported by `test_laws_hold` only."""
    found = {
        law: new
        for law, findings in _findings(broken.edit(world_of("prod"))).items()
        if (new := [each for each in findings if each not in _findings_of_prod().get(law, ())])
    }

    assert list(found) == [broken.law.__name__], found
    assert any(broken.says in finding for finding in found[broken.law.__name__]), found


def test_every_law_has_a_mistake() -> None:
    assert {broken.law for broken in BREAKS} == set(LAWS)
    assert len({broken.name for broken in BREAKS}) == len(BREAKS)
