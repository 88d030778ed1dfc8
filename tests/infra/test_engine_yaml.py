"""Drydock reads a stack file as the engine does, and accepts the files that the engine writes. Real: the engine."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from infra.load_config import load_config
from stacks.settings import Settings, SettingsError, json_schema, load_stack_file, parse_settings, read_stack_file
from tests.support.engine import STACK, Engine

# YAML 1.1, YAML 1.2 and yaml.v3 read most of these differently.
SPELLINGS = """
yes no on off y n Yes NO ON true True TRUE tRUE false False null Null ~ nan inf -inf
0 -0 +0 1 -1 +1 007 08 0123 -017 0o17 0O17 -0o7 0x1F 0X1f -0x1f 0x 0b101 0b2 -0b1 1_000 _1 1__0 0_7 +0x5 0o8
1.0 1.5 18.10 .5 5. -.5 +.5 1e3 1E-3 1e400 1e21 1e20 1e-7 -0.0 0.1 . - -. + 1.2.3 .5e .e5 1e 0x1p3 1:30 12:30:45
9223372036854775807 9223372036854775808 -9223372036854775808 -9223372036854775809 18446744073709551615
18446744073709551616 0x8000000000000000 99999999999999999999999 123456789012 012345678901
2026-01-31 2026-1-3 2026-02-30 2026-13-01 2026-01-31T10:00:00Z 2026-01-31t1:2:3.450Z 2026-01-31T10:00:00+02:00
2026-01-31T10:00:00 26-01-31 2026-01 2026-01-31T25:00:00Z 20260131 2026-01-31T10:00:00.000Z
eu-central-1 10.0.0.0/16 a=b a@b <<x x<< =
"""
SCALARS = SPELLINGS.split()
QUOTED = [
    "''",
    '""',
    "'yes'",
    '"007"',
    "'1.0'",
    '"a\\tb"',
    '"\\u00e9"',
    "'it''s'",
    "!!str 5",
    '"2026-01-31"',
    "é",
]

scalars = st.one_of(
    st.sampled_from(SCALARS),
    st.sampled_from(QUOTED),
    st.from_regex(r"[-+]?[0-9][0-9_.eExob:-]{0,6}[0-9]", fullmatch=True),
)
keys = st.sampled_from(["a", "b", "'no'", "yes", "on", "n", "10.5.1", "é", '"x y"', "7", "true"])
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(lambda items: f"[{', '.join(items)}]"),
        st.dictionaries(keys, inner, max_size=4).map(
            lambda items: "{" + ", ".join(f"{key}: {value}" for key, value in items.items()) + "}"
        ),
    ),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """A project for all tests; each test writes its own stack file."""
    return Engine(tmp_path_factory.mktemp("engine"))


def written(config: Mapping[str, str]) -> str:
    """Return a stack file with these YAML texts as values."""
    return "config:\n" + "".join(f"  {key}: {text}\n" for key, text in config.items())


# Failures are not shrunk: each attempt would start the engine, and the message has the value.
batches = settings(
    deadline=None,
    max_examples=4,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.data_too_large, HealthCheck.too_slow],
)


@batches
@given(st.lists(values.filter(lambda text: text != "-"), min_size=80, max_size=80))  # by itself it begins a sequence
def test_every_value_is_read_as_the_engine_reads_it(engine: Engine, texts: list[str]) -> None:
    """Scalars, lists and objects are compared with the engine's JSON. The engine is started once for 80 of them."""
    texts = [*texts, *(f"[{', '.join(SCALARS)}]", f"[{', '.join(QUOTED)}]")]
    text = written({f"drydock:k{index}": each for index, each in enumerate(texts)})
    theirs = engine.passed(text)
    ours = load_stack_file(engine.file).config

    assert set(ours) == set(theirs)
    for key, value in ours.items():
        if isinstance(value, dict | list):
            assert json.loads(theirs[key]) == value, (key, theirs[key])
        elif isinstance(value, int | float) and not isinstance(value, bool):
            assert float(theirs[key]) == float(value), (key, theirs[key])
        else:
            assert theirs[key] == ("" if value is None else str(value).lower() if isinstance(value, bool) else value)


def test_anchors_merges_and_keys_are_read_as_the_engine_reads_them(engine: Engine) -> None:
    """The file also has a byte order mark, project keys without a namespace, and block scalars."""
    text = """\ufeff# a comment
x: &top {z: 9}
config:
  region: eu-central-1
  drydock:config:a: 1
  drydock:b: &b {x: 1, y: [2, 3]}
  drydock:c: {<<: *b, y: null}
  drydock:d: {<<: [{x: 7, q: yes}, *b, *top]}
  drydock:e: {<<: {<<: {n: 1, m: 2}, n: 3}, k: *b}
  drydock:f:
  drydock:g: |
    two
    lines
  drydock:h: >-
    folded
    text
  ? drydock:i
  : [*b, 'don''t', plain text # comment
    ]
"""
    theirs = engine.passed(text)
    engine.file.write_text(text.replace("x: &top {z: 9}", "environment: &top {z: 9}"))
    ours = load_stack_file(engine.file).config

    assert {key: json.loads(text) if text[:1] in ("{", "[") else text for key, text in theirs.items()} == {
        key: "" if value is None else str(value) if isinstance(value, int) else value for key, value in ours.items()
    }
    assert len(ours) == 10


@pytest.mark.parametrize(
    "text",
    [
        "config:\n  drydock:a: 1\n  drydock:a: 2\n",
        "config: {}\nconfig: {}\n",
        "config:\n  drydock:a: {b: 1, c: {d: 1, 'd': 2}}\n",
        "config:\n  drydock:a: {<<: {b: 1}, <<: {c: 1}}\n",
        "config:\n  drydock:a: [\n",
        "config:\n  drydock:a: &a [*a]\n",
        "config:\n  drydock:a: *missing\n",
        "config:\n  drydock:a: .inf\n",
        "config:\n  drydock:a:b:c: 1\n",
        "config:\n  drydock:a: {<<: 5}\n",
        "config:\n  drydock:a: {'<<': text}\n",
        "- 1\n",
    ],
)
def test_refuses_files_that_the_engine_refuses(engine: Engine, text: str) -> None:
    """Otherwise the engine would fail in the middle of a command."""
    engine.file.write_text(text)

    assert engine.run("config", "--json", "--stack", STACK, check=False).returncode != 0
    with pytest.raises(SettingsError, match=r"Pulumi\.test\.yaml"):
        load_stack_file(engine.file)


# YAML texts for settings of each type: valid, valid in another spelling, and wrong.
BOOLEANS = ["true", "false", '"false"', '"true"', "True", "yes", '"yes"', "off", "1", "null", "''", "FALSE"]
NUMBERS = ["7", "30", '"30"', "0x1e", "036", "3e1", "30.0", '"030"', "30.5", "true", '"3e1"', "+30", "1_4", "null"]
TEXTS = ["true", "4711", "007", "0x10", "1.5", "18.10", '"18.10"', "yes", "null", "~", "2026-01-31", "''", "a b", "-5"]

ENGINE_VERSIONS = ["18.1", '"18.1"', "18.10", "'18.10'", "17"]
KUBERNETES_VERSIONS = ["1.35", '"1.35"', "1.30"]
ROLES = ["[a, b]", "[1, 2]", "[a, yes]", '\'["a", "b"]\'', "[a, 1.5]", "[a, 01]", "[true, b]"]
SERVICES = ["{upstreamUrl: null}", "{upstreamUrl: ''}", "{maxReplicas: '6', rateLimitPerSecond: 0x50}", "null", "{}"]
SERVICES += [
    "{maxReplicas: 8, faultInjection: 'true'}",
    "'{\"maxReplicas\": 9}'",
    '\'{"maxReplicas": 8, "maxReplicas": 9}\'',
    "''",
    "[]",
]


def an_object(**texts: list[str]) -> st.SearchStrategy[str]:
    """Return a strategy for YAML objects with some of these keys, each with one of its texts."""
    entries = {key: st.sampled_from(each) for key, each in texts.items()}
    return st.fixed_dictionaries({}, optional=entries).map(
        lambda chosen: "{" + ", ".join(f"{key}: {text}" for key, text in chosen.items()) + "}"
    )


tag_maps = st.dictionaries(st.sampled_from(["a", "7", "yes", "b c"]), st.sampled_from(TEXTS), max_size=3).map(
    lambda tags: "{" + ", ".join(f"{key}: {value}" for key, value in tags.items()) + "}"
)
documents = st.fixed_dictionaries(
    {"region": st.sampled_from(["eu-central-1", "us-east-1", '"eu-west-1"', "eu", "5", "!!str eu-central-1"])},
    optional={
        "protect": st.sampled_from(BOOLEANS),
        "tags": st.one_of(tag_maps, st.sampled_from(["", "''", "[]", '\'{"Team": "x"}\'', "{a: {secure: 1}}"])),
        "network": an_object(flowLogsRetentionDays=NUMBERS, natStrategy=["single", '"single"', "no"]),
        "database": an_object(multiAz=BOOLEANS, engineVersion=ENGINE_VERSIONS),
        "cluster": an_object(version=KUBERNETES_VERSIONS, adminRoles=ROLES),
        "service": st.sampled_from(SERVICES),
    },
)


def outcome(read: Any) -> Settings | str:
    """Return the settings, or "refused"."""
    try:
        found: Settings = read()
    except SettingsError:
        return "refused"
    return found


@batches
@given(st.lists(documents, min_size=60, max_size=60))
def test_command_and_program_read_the_same_settings(
    engine: Engine, tmp_path_factory: Any, some: list[dict[str, str]]
) -> None:
    """The settings that the command reads from a file equal those that the engine passes, or the command refuses them.

    The engine is started once for 60 files, each in its own namespace.
    """
    some = [*some, {"region": "eu-central-1", "protect": '"false"', "tags": "{Number: 4711, Critical: true}"}]
    theirs = engine.passed(written({f"n{i}:{key}": text for i, one in enumerate(some) for key, text in one.items()}))
    path = engine.project / "Pulumi.one.yaml"
    accepted = 0
    for i, one in enumerate(some):
        given_to_program = {f"drydock:{key}": theirs[f"n{i}:{key}"] for key in one}
        path.write_text(written({f"drydock:{key}": text for key, text in one.items()}))
        file, program = (
            outcome(lambda: read_stack_file(path)),
            outcome(lambda given=given_to_program: load_config("one", given)),
        )
        assert file in (program, "refused"), one
        accepted += file != "refused"
    assert accepted


def test_refuses_text_settings_that_the_engine_would_normalize(tmp_path: Path) -> None:
    """The engine would turn 007 into 7; the message gives the quoted form."""
    path = tmp_path / "Pulumi.test.yaml"
    path.write_text(
        written({"drydock:region": "eu-central-1", "drydock:tags": "{a: 007, b: TRUE, c: 18.10, d: 42, e: true}"})
    )
    with pytest.raises(SettingsError) as caught:
        read_stack_file(path)

    assert str(caught.value).splitlines()[1:] == [
        '  tags.a: must be text, got 7; write "007" in quotes',
        '  tags.b: must be text, got true; write "TRUE" in quotes',
        '  tags.c: must be text, got 18.1; write "18.10" in quotes',
    ]


def assignments() -> list[str]:
    """Return every default as `pulumi config set-all --path` accepts it: `drydock:service.maxReplicas=10`."""
    schema = json_schema()
    found = []
    for group, entry in schema["properties"]["config"]["properties"].items():
        if "$ref" not in entry:
            continue
        for name, field in schema["$defs"][entry["$ref"].rpartition("/")[2]]["properties"].items():
            default = field.get("default")  # a map has none
            items = enumerate(default) if isinstance(default, list) else [(None, default)]
            for index, item in items:
                text = str(item).lower() if isinstance(item, bool) else str(item)
                if item is not None:
                    found.append(f"{group}.{name}{'' if index is None else f'[{index}]'}={text}")
    return found


def test_accepts_files_that_the_engine_writes(engine: Engine) -> None:
    """`config set` and `stack init` change the spelling of values, and the settings stay the same."""
    engine.file.write_text("config:\n  drydock:tags: {Stays: '007'}\n")
    given = ["drydock:region=eu-central-1", "drydock:protect=true", *assignments()]
    given += [
        "drydock:tags.Critical=true",
        "drydock:tags.Number=4711",
        "drydock:tags.Zeros=0042",
        "drydock:tags.V=1.10",
    ]
    assert len(given) > 50
    engine.run("config", "set-all", "--stack", STACK, "--path", *(f"--plaintext={each}" for each in given))
    tags = {"Stays": "007", "Critical": "true", "Number": "4711", "Zeros": "0042", "V": "1.10"}
    expected = parse_settings({"region": "eu-central-1", "tags": tags}, "Pulumi.test.yaml")
    assert read_stack_file(engine.file) == expected

    for arguments in (
        ["drydock:region", "eu-central-1"],
        ["drydock:protect", "true"],
        ["drydock:network", '{"natStrategy": "per-az"}'],
        ["--path", "drydock:edge.httpPort", "80", "--type", "int"],
        ["--path", "drydock:service.maxReplicas", "10", "--type", "string"],
        ["--path", "drydock:database.multiAz", "true", "--type", "bool"],
        ["--path", "drydock:database.maxConnections", "400", "--type", "float"],
        ["--path", "drydock:cluster.version", "1.35", "--type", "string"],
        ["--path", "drydock:network.availabilityZones", '["a", "b", "c"]'],
    ):
        engine.run("config", "set", "--stack", STACK, *arguments)
        assert read_stack_file(engine.file) == expected, arguments

    other = engine.project / "Pulumi.other.yaml"
    other.write_text(engine.file.read_text() + "  # a comment\n")
    engine.run("stack", "init", "other")
    assert "encryptionsalt" in other.read_text()
    assert read_stack_file(other) == expected
