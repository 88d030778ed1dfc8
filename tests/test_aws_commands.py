"""Check the `aws` commands of the documentation and their options with the models that the AWS CLI uses."""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import jmespath
import pytest
from botocore import xform_name
from botocore.loaders import create_loader
from botocore.model import OperationModel, ServiceModel, Shape
from botocore.validate import ParamValidator

from infra.engine.places import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
SUBSTITUTION = re.compile(r"\$\(([^()]*)\)")
SPAN = re.compile(r"`(aws [a-z0-9-]+ [a-z0-9-]+[^`]*)`")
ANY = "x" * 64
"""Placeholder for the value of a shell variable."""
# https://docs.aws.amazon.com/cli/latest/reference/#global-options
GLOBAL = {"--output": 1, "--query": 1, "--profile": 1, "--region": 1, "--endpoint-url": 1, "--no-cli-pager": 0}
# Commands of the AWS CLI that are not operations of a service -> their options, and the required ones.
# https://docs.aws.amazon.com/cli/latest/reference/ (eks/update-kubeconfig, eks/get-token, logs/tail)
OWN: dict[tuple[str, str], tuple[set[str], set[str]]] = {
    ("eks", "update-kubeconfig"): (
        {"--name", "--kubeconfig", "--role-arn", "--dry-run", "--verbose", "--alias", "--user-alias"},
        {"--name"},
    ),
    ("eks", "get-token"): ({"--cluster-name", "--cluster-id", "--role-arn"}, set()),
    ("logs", "tail"): (
        {"--since", "--follow", "--format", "--filter-pattern", "--log-stream-names", "--log-stream-name-prefix"},
        set(),
    ),
}


@dataclass
class Command:
    """A parsed command."""

    text: str
    service: str
    operation: str
    options: dict[str, list[str]] = field(default_factory=dict)
    """Option -> its values."""
    whole: bool = True
    """Whether it is in a code block, and so requires all its required options."""


def parse(text: str, *, whole: bool = True) -> Command:
    """Split a command into service, operation and options."""
    _aws, service, operation, *rest = shlex.split(text)
    command = Command(text, service, operation, whole=whole)
    name = ""
    for word in rest:
        if word.startswith("--"):
            name, _, value = word.partition("=")
            command.options[name] = [value] if value else []
        else:
            command.options.setdefault(name, []).append(word)
    return command


def commands(text: str) -> Iterator[Command]:
    """Yield the commands in the code blocks and in the text of a page."""
    for language, block in BLOCK.findall(text):
        script = block.replace("\\\n", " ") if language in {"", "sh"} else ""
        while inner := SUBSTITUTION.search(script):  # inner substitutions first
            script = script.replace(inner[0], "$output") + f"{inner[1]}\n"
        for line in script.splitlines():
            if line.strip().startswith("aws "):
                yield parse(line.strip())
    for found in SPAN.findall(BLOCK.sub("", text)):
        yield parse(found, whole=False)


@cache
def service_model(name: str) -> ServiceModel | None:
    """Return the model of a service; None for an unknown service."""
    loader = create_loader()
    if name not in loader.list_available_services("service-2"):
        return None
    return ServiceModel(loader.load_service_model(name, "service-2"), name)


def problems(command: Command) -> Iterator[str]:
    """Yield the faults that the AWS CLI would refuse."""
    if own := OWN.get((command.service, command.operation)):
        known, needed = own
        yield from (f"{name}: no such option" for name in command.options if name not in {*known, *GLOBAL, ""})
        yield from (f"{name}: missing" for name in needed if command.whole and name not in command.options)
        return
    service = service_model(command.service)
    if service is None:
        yield f"{command.service}: no such service"
        return
    names = {xform_name(name, "-"): name for name in service.operation_names}
    if command.operation not in names:
        yield f"{command.operation}: no such operation"
        return
    yield from _problems_of_options(command, service.operation_model(names[command.operation]))


def _problems_of_options(command: Command, operation: OperationModel) -> Iterator[str]:
    members = {f"--{xform_name(name, '-')}": name for name in getattr(operation.input_shape, "members", {})}
    given: dict[str, Any] = {}
    for option, values in command.options.items():
        if option in members:
            given[members[option]] = _value(operation.input_shape.members[members[option]], values)
        elif option in GLOBAL:
            if len(values) != GLOBAL[option]:
                yield f"{option}: takes {GLOBAL[option]} values"
        else:
            yield f"{option or values[0]}: no such option"
    report = ParamValidator().validate(given, operation.input_shape) if operation.input_shape else None
    for line in report.generate_report().splitlines() if report else ():
        if command.whole or not line.startswith("Missing required"):
            yield line
    for query in command.options.get("--query", ()):
        if jmespath.search(query, _example(operation.output_shape)) is None:
            yield f"--query {query}: the response has no such member"


def _value(shape: Shape, values: list[str]) -> Any:
    """Return the value of an option as parsed by the AWS CLI."""
    text = " ".join(values)
    if shape.type_name in {"structure", "map"} or (shape.type_name == "list" and text.startswith("[")):
        return json.loads(text)
    if shape.type_name == "list":
        return values
    if shape.type_name in {"integer", "long"}:
        return int(text)
    if shape.type_name == "boolean":
        return not text
    return ANY if "$" in text else text


def _example(shape: Shape | None, depth: int = 6) -> Any:
    """Return an example of a shape with all members, for queries."""
    if shape is None or not depth:
        return "text"
    if shape.type_name == "structure":
        return {name: _example(member, depth - 1) for name, member in shape.members.items()}
    if shape.type_name == "list":
        return [_example(shape.member, depth - 1)]
    return {"key": _example(shape.value, depth - 1)} if shape.type_name == "map" else "text"


FOUND = [(page.relative_to(ROOT).as_posix(), command) for page in PAGES for command in commands(page.read_text())]


@pytest.mark.parametrize(("page", "command"), FOUND, ids=[f"{page}: {each.text[:50]}" for page, each in FOUND])
def test_the_command_exists(page: str, command: Command) -> None:
    """Service, operation and options are in the model; a command in a code block has all required options."""
    assert list(problems(command)) == [], f"{page}: {command.text}"


def test_the_commands_of_the_documentation_are_found() -> None:
    """In code blocks with continued lines and substitutions, and in the text."""
    named = {(page, f"{each.service} {each.operation}") for page, each in FOUND}

    assert named >= {
        ("docs/on-aws.md", "sts get-caller-identity"),
        ("docs/on-aws.md", "iam get-role-policy"),
        ("docs/on-aws.md", "iam attach-role-policy"),
        ("docs/on-aws.md", "iam delete-role"),
        ("docs/on-aws.md", "route53 create-hosted-zone"),
        ("docs/on-aws.md", "ssm start-session"),
        ("docs/on-aws.md", "eks update-kubeconfig"),
        ("docs/on-aws.md", "logs tail"),
        ("docs/deploy-role.md", "iam create-role"),
        ("docs/deploy-role.md", "iam create-policy"),
        ("docs/deploy-role.md", "iam attach-role-policy"),
        ("docs/deploy-role.md", "eks get-token"),
        ("docs/local-cloud.md", "eks list-clusters"),
    }


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("aws iamm create-role", "iamm: no such service"),
        ("aws iam make-role", "make-role: no such operation"),
        ("aws iam create-role --name x --role-name x --assume-role-policy-document {}", "--name: no such option"),
        ("aws iam create-role --role-name x", 'Missing required parameter in input: "AssumeRolePolicyDocument"'),
        ("aws iam get-role --role-name x --query Role.Name", "--query Role.Name: the response has no such member"),
        ('aws ssm start-session --target i-1 --parameters \'{"host": "a"}\'', "Invalid type for parameter Parameters"),
        ("aws eks update-kubeconfig --cluster x", "--cluster: no such option"),
        ("aws eks update-kubeconfig", "--name: missing"),
        ("aws sts get-caller-identity me", "me: no such option"),
        ("aws ec2 describe-vpcs --region", "--region: takes 1 values"),
    ],
)
def test_reports_an_invalid_command(text: str, problem: str) -> None:
    """Each kind of fault has its message."""
    assert any(problem in each for each in problems(parse(text)))
