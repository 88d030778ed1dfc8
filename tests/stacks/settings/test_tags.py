"""Tags are accepted if every AWS service in use accepts them, and refused with the reason otherwise."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.program import APP
from stacks.build import build
from stacks.settings import parse_settings
from tests.stacks.settings.errors import error_lines
from tests.support.recorder import record

# Keys that Drydock sets itself, in lower case.
OURS = {"project", "environment", "managedby", "name"}
ALLOWED = "abcXYZ019 _.:/=+-@éß\u0416中\u0663\u00a0\u2028"
REFUSED = "!#$%&'()*,;<>?[]\\^`{|}~\"\n\t\x00\x7f\U0001f642€"
MOST = 45

words = st.text(ALLOWED, min_size=1, max_size=8)
refused_words = st.text(ALLOWED + REFUSED, max_size=8)
prefixed = st.builds(str.__add__, st.sampled_from(["aws:", "AWS:", "aWs:", "rds:", "RDS:", "aws", "awsome:"]), words)
ours = st.sampled_from(["Project", "environment", "MANAGEDBY", "Name", "name", "Names", "Environments"])
long_keys = st.sampled_from(["k" * 128, "k" * 129, "é" * 128, "é" * 129])
long_values = st.sampled_from(["v" * 256, "v" * 257, "é" * 256, ""])
keys = st.one_of(words, refused_words, prefixed, ours, long_keys)
values = st.one_of(words, refused_words, prefixed, long_values)


def wrong_keys(tags: dict[str, str]) -> set[str]:
    """Return the keys of tags that an AWS service refuses, or that Drydock sets; the rules are from AWS's documents."""
    wrong = set()
    for key, value in tags.items():
        if not 1 <= len(key) <= 128 or len(value) > 256:
            wrong.add(key)
        if any(text.lower().startswith(("aws:", "rds:")) for text in (key, value)):
            wrong.add(key)
        if set(key + value) & set(REFUSED):
            wrong.add(key)
        if key.lower() in OURS:
            wrong.add(key)
    return wrong


@settings(deadline=None, max_examples=300)
@given(st.dictionaries(keys, values, max_size=6))
def test_accepts_exactly_the_tags_that_aws_accepts(tags: dict[str, str]) -> None:
    """Each wrong tag has its own message, also among others, and no valid tag has one."""
    right = {key: value for key, value in tags.items() if key not in wrong_keys(tags)}
    doubled = len({key.casefold() for key in right}) < len(right)
    lines = error_lines(tags=tags)

    if not doubled:
        named = {key for key in tags if any(line.startswith(f"tags.{_shown(key)}: ") for line in lines)}
        assert named == wrong_keys(tags)
    assert bool(lines) == bool(wrong_keys(tags) or doubled)
    assert all(line.isprintable() for line in lines)


def _shown(key: str) -> str:
    return key if key.isprintable() and key else json.dumps(key)


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        ({"aws:createdBy": "me"}, "tags.aws:createdBy: must be text that does not begin with aws:"),
        ({"Owner": "AWS:me"}, "tags.Owner: must be text that does not begin with aws:"),
        ({"RDS:x": "me"}, "tags.RDS:x: must be text that does not begin with rds:"),
        ({"k" * 129: ""}, "must be a key of 1 to 128 characters"),
        ({"": "x"}, 'tags."": must be a key of 1 to 128 characters'),
        ({"a": "v" * 257}, "tags.a: must be a value of at most 256 characters"),
        (
            {"a,b": "x"},
            "tags.a,b: must be letters, digits, spaces and _ . : / = + - @, the characters that AWS accepts (not ,)",
        ),
        (
            {"a": "x\ny"},
            "tags.a: must be letters, digits, spaces and _ . : / = + - @, the characters that AWS accepts (not U+000A)",
        ),
        ({"environment": "x"}, 'tags.environment: must not be set, Drydock sets Environment itself, got "x"'),
        ({"PROJECT": "x"}, "tags.PROJECT: must not be set, Drydock sets Project itself"),
        ({"Managedby": "x"}, "tags.Managedby: must not be set, Drydock sets ManagedBy itself"),
        ({"name": "x"}, "tags.name: must not be set, Drydock sets Name itself"),
        ({"Team": "x", "team": "y"}, "tags.team: must differ from tags.Team in more than upper and lower case"),
        ({"since": "2026-01-31 00:00:00 +0000 UTC"}, "tags.since: must be text; write a date in quotes"),
    ],
)
def test_the_message_names_the_tag_and_the_rule(tags: dict[str, str], message: str) -> None:
    """Each error is one line."""
    (line,) = error_lines(tags=tags)

    assert message in line


@pytest.mark.parametrize("number", [0, 1, MOST, MOST + 1, 60])
def test_limits_the_number_of_tags(number: int) -> None:
    """AWS accepts 50 tags for a resource, including those of Drydock."""
    lines = error_lines(tags={f"key{i}": "" for i in range(number)})

    if number <= MOST:
        assert lines == []
    else:
        assert lines == [
            f"tags: must have 45 entries or fewer, since AWS takes 50 a resource and 5 are Drydock's, got {number}"
        ]


def test_no_resource_has_more_tags_than_aws_accepts() -> None:
    """With the maximum number of tags in the settings, the resource with the most tags has 50."""
    tags = {f"key{i}": "" for i in range(MOST)}
    found = parse_settings({"region": "eu-central-1", "tags": tags}, "Pulumi.test.yaml")
    recording = record(lambda: build(found, "test", APP), "test")
    provider = recording.only("pulumi:providers:aws")
    common = json.loads(provider.inputs["defaultTags"])["tags"]
    counts = [
        len({*common, *(resource.inputs.get("tags") or {})})
        for resource in recording.resources.values()
        if resource.type.startswith("aws:")
    ]

    assert set(tags) < set(common)
    assert max(counts) == 50
