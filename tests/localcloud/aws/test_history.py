"""Operations that are missing in the engine's state, for any history and any lost answers."""

from hypothesis import given, settings
from hypothesis import strategies as st

from localcloud.aws.history import Key, Outcome, live, missing, unrecorded


def outcome(op: str, urn: str, id_: str, revision: str) -> Outcome:
    return Outcome(op=op, urn=urn, type="t", id=id_, inputs={}, outputs={}, revision=revision)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[Outcome], dict[Key, str]]:
    """Return finished operations, and the state of an engine that lost the answers from some moment on."""
    history: list[Outcome] = []
    state: dict[Key, str] = {}
    exists: set[Key] = set()
    steps = draw(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("12"), st.booleans()), max_size=20))
    lost_from = {urn: draw(st.integers(0, 20)) for urn in "ab"}  # answers to parallel steps are lost one by one
    for number, (urn, id_, delete) in enumerate(steps):
        key = (urn, id_)
        op = "create" if key not in exists else "delete" if delete else "update"
        history.append(outcome(op, urn, id_, str(number)))
        exists = exists - {key} if op == "delete" else exists | {key}
        if number < lost_from[urn]:
            state.pop(key, None)
            state |= {} if op == "delete" else {key: str(number)}
    return history, state


@given(worlds())
@settings(deadline=None)
def test_undoing_leaves_exactly_the_resources_of_the_state(world: tuple[list[Outcome], dict[Key, str]]) -> None:
    """Each resource of the state exists at its revision, and no other resource exists."""
    history, state = world
    undone = unrecorded(history, state)
    left = [one for one in history if one not in undone]

    assert {key: found.revision for key, found in live(left).items()} == state
    assert missing(history, state) == []
    assert unrecorded(left, state) == []


def test_a_revision_that_is_not_in_the_journal_undoes_nothing() -> None:
    """The journal is older than the state, so the resource is refreshed."""
    history = [outcome("create", "a", "1", "x"), outcome("update", "a", "1", "y")]

    assert unrecorded(history, {("a", "1"): "z"}) == []
    assert missing(history, {("a", "1"): "z"}) == [("a", "1")]


def test_an_imported_resource_has_no_revision() -> None:
    """Nothing of it is undone."""
    history = [outcome("update", "a", "1", "x")]

    assert (unrecorded(history, {("a", "1"): ""}), missing(history, {("a", "1"): ""})) == ([], [])


def test_operations_of_older_journals_are_kept() -> None:
    """They have no revision."""
    assert unrecorded([outcome("create", "a", "1", "")], {}) == []
