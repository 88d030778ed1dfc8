"""The corpus of refusals is complete, consistent, and uses names of AWS's models and Pulumi's SDK."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest
from botocore.loaders import Loader
from pulumi._types import input_type_py_to_pulumi_names, input_type_types, unwrap_type

from localcloud.aws.catalog import resource_types
from tests.support.refusals import FOLDER, Case, Inputs, cases, resolved
from tests.support.sdk import arguments

CASES = cases()
SOURCE = re.compile(
    r"https://\S+|botocore (?P<service>\S+) (?P<shape>[^\s.]+)(?:\.(?P<member>\S+))?|cfn-lint AWS::\S+.*"
)
MOST_LINES = 250
FEWEST_CASES = 530


class Anything(Mapping[str, Any]):
    """Outputs of a resource that does not exist: each output is a text with its name."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __getitem__(self, output: str) -> str:
        return f"{self.name}.{output}"

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


class Everything(dict[str, Mapping[str, Any]]):
    """Outputs of any resource."""

    def __missing__(self, name: str) -> Mapping[str, Any]:
        return Anything(name)


def plain(inputs: Inputs) -> dict[str, Any]:
    """Return the inputs as they are sent, with placeholders for references."""
    return cast(dict[str, Any], resolved(inputs, Everything()))


def faulty(fault: Callable[[Case], Any]) -> dict[str, Any]:
    """Return id -> fault of each case that has one."""
    return {case.id: found for case in CASES if (found := fault(case))}


def unknown(inputs: Any, expected: Any, path: str = "") -> Iterator[str]:
    """Yield paths in inputs without an argument in the SDK. Maps and texts of the SDK may have any content."""
    expected = unwrap_type(expected) if expected is not None else None
    if isinstance(inputs, list):
        item = (getattr(expected, "__args__", None) or (None,))[0]
        for one in inputs:
            yield from unknown(one, item, path)
    elif isinstance(inputs, dict) and isinstance(expected, type) and hasattr(expected, "_pulumi_input_type"):
        names = {theirs: ours for ours, theirs in input_type_py_to_pulumi_names(expected).items()}
        types = input_type_types(expected)
        for key, value in inputs.items():
            if key not in names:
                yield f"{path}.{key}".lstrip(".")
            else:
                yield from unknown(value, types.get(names[key]), f"{path}.{key}")


# The provider only waits for the state of the certificate; a record is in a zone that the program does not create.
UNTRIED = {"aws:acm/certificateValidation:CertificateValidation", "aws:route53/record:Record"}


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= FEWEST_CASES


def test_every_type_has_a_refused_request() -> None:
    assert set(resource_types()) - {case.type for case in CASES} == UNTRIED


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_files_are_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


def test_names_are_unique() -> None:
    names = Counter((case.type, case.name) for case in CASES)
    assert [name for name, count in names.items() if count > 1] == []


def test_every_case_has_a_code() -> None:
    """A code is one word, as in the response, or the status if AWS returns no code."""
    assert faulty(lambda case: not re.fullmatch(r"[A-Za-z.]+|400", case.code)) == {}


def test_every_case_has_a_source() -> None:
    assert faulty(lambda case: not SOURCE.fullmatch(case.source)) == {}


def test_sources_in_botocore_exist() -> None:
    """The shape and its member are in the installed model."""
    loader = Loader()

    @cache
    def shapes(service: str) -> dict[str, Any]:
        return cast(dict[str, Any], loader.load_service_model(service, "service-2")["shapes"])

    def missing(case: Case) -> str | None:
        found = SOURCE.fullmatch(case.source)
        if not found or not found["service"]:
            return None
        shape = shapes(found["service"]).get(found["shape"])
        known = shape is not None and (found["member"] is None or found["member"] in shape.get("members", {}))
        return None if known else case.source

    assert faulty(missing) == {}


def test_types_have_a_stand_in() -> None:
    types = resource_types()
    used = {case.id: {case.type, *(given.type for given in (*case.given, *case.then))} - set(types) for case in CASES}
    assert {id_: missing for id_, missing in used.items() if missing} == {}


def test_inputs_are_arguments_of_the_sdk() -> None:
    """Also in blocks and in required resources."""

    def fault(case: Case) -> list[str]:
        sent: list[tuple[str, Inputs]] = [(case.type, case.refused), (case.type, case.accepted)]
        sent += [(given.type, given.inputs) for given in (*case.given, *case.then)]
        return sorted({path for type_, inputs in sent for path in unknown(plain(inputs), arguments(type_))})

    assert faulty(fault) == {}


def test_each_accepted_request_differs_in_the_given_properties() -> None:
    """Each key of `valid` changes the request. A deletion may differ in the existing resources instead."""

    def fault(case: Case) -> Any:
        if not case.valid:
            return "no counter-case" if not (case.delete and case.then) else None
        refused, accepted = plain(case.refused), plain(case.accepted)
        return [key for key in case.valid if refused.get(key) == accepted.get(key)]

    assert faulty(fault) == {}


def test_the_wrong_property_is_set() -> None:
    """The path starts with a property of the refused request, unless the fault is that it is missing."""

    def fault(case: Case) -> bool:
        root = re.split(r"[.\[]", case.path)[0]
        return bool(root) and root not in plain(case.refused) and root not in plain(case.valid)

    assert faulty(fault) == {}


def test_an_update_changes_something() -> None:
    assert faulty(lambda case: case.update is not None and plain(case.refused) == plain(case.inputs)) == {}


def test_only_deletions_have_later_resources() -> None:
    assert faulty(lambda case: case.then and not case.delete) == {}


def test_markers_are_well_formed() -> None:
    """`{ ref = ..., x = ... }` would be sent to AWS unchanged."""

    def broken(value: Any) -> Iterator[Any]:
        if isinstance(value, Mapping):
            if any(keys & set(value) and set(value) != keys for keys in ({"ref"}, {"absent"}, {"text", "times"})):
                yield value
            for item in value.values():
                yield from broken(item)
        elif isinstance(value, list):
            for item in value:
                yield from broken(item)

    assert faulty(lambda case: list(broken([case.refused, case.accepted]))) == {}


def test_resources_are_created_after_their_dependencies() -> None:
    def fault(case: Case) -> list[str]:
        made: dict[str, Mapping[str, Any]] = {}
        late = []
        for given in case.given:
            try:
                resolved(given.inputs, made)
            except KeyError as name:
                late.append(f"{given.name} refers to {name}")
            made[given.name] = Anything(given.name)
        resolved(case.accepted, made)
        for given in case.then:
            resolved(given.inputs, {**made, "self": Anything("self")})
            made[given.name] = Anything(given.name)
        return late

    assert faulty(fault) == {}


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        ({"ref": "vpc.id"}, "vpc-1"),
        ({"a": {"absent": True}, "b": [{"text": "x", "times": 3}]}, {"b": ["xxx"]}),
        ({"tags": 2}, {"key0": "value", "key1": "value"}),
        ({"json": {"Resource": {"ref": "vpc.id"}}}, '{"Resource": "vpc-1"}'),
    ],
)
def test_markers_are_replaced(value: Any, sent: Any) -> None:
    assert resolved(value, {"vpc": {"id": "vpc-1"}}) == sent


def test_a_reference_to_a_missing_resource_is_an_error() -> None:
    with pytest.raises(KeyError):
        resolved({"ref": "vpc.id"}, {})
