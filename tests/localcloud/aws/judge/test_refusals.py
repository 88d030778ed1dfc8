"""Every case of `tests/aws_refusals/` is refused with AWS's code, and its counter-case accepted. Emulated: by moto."""

import os
import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from localcloud.aws.provider import AwsProvider
from localcloud.aws.server import AwsServer
from localcloud.protocol.servicer import ProviderError
from tests.localcloud.aws.conftest import ACCOUNT_ID, REGION, Databases, Made, Stack
from tests.support.refusals import Case, cases, resolved

REFUSAL = re.compile(r".* was refused with (?P<code>\S+): (?P<words>.*) \((?P<hint>.*)\)", re.DOTALL)


class Attempt:
    """Creates the resources of a case one after the other in an empty account."""

    def __init__(self, case: Case, stack: Stack) -> None:
        self.case, self.stack = case, stack
        self.outputs: dict[str, Mapping[str, Any]] = {}
        made = {given.name: self.create(given.name, given.type, given.inputs) for given in case.given}
        for name in case.gone:
            made[name].delete()

    def create(self, name: str, type_: str, inputs: Mapping[str, Any]) -> Made:
        made = self.stack.create(type_, name, **resolved(inputs, self.outputs))
        self.outputs[name] = {**made.outputs, "id": made.id}
        return made

    def update(self, made: Made, inputs: Mapping[str, Any]) -> None:
        """Update the resource to exactly these inputs."""
        provider = self.stack.provider
        new = provider.check(made.target, made.inputs, resolved(inputs, self.outputs))
        made.outputs = provider.update(made.target, made.id, made.inputs, made.outputs, new, preview=False)
        made.inputs = new

    def refusal(self) -> str:
        """Send the request that AWS refuses, and then the one that it accepts.

        Returns:
            The message of the refusal, or "" if the first request was accepted.
        """
        case = self.case
        if case.request == "create":
            words = _refusal(lambda: self.create("self", case.type, case.refused))
            if words:
                self.create("self", case.type, case.accepted)
            return words
        made = self.create("self", case.type, case.inputs)
        if case.request == "update":
            words = _refusal(lambda: self.update(made, case.refused))
            self.update(made, case.accepted)
            return words
        following = [self.create(given.name, given.type, given.inputs) for given in case.then]
        words = _refusal(made.delete)
        if words and case.valid:
            self.update(made, case.accepted)
        for one in reversed(following if words and not case.valid else []):
            one.delete()
        if words:
            made.delete()
        return words


@pytest.fixture(scope="module")
def shared_stack(module_server: AwsServer) -> Stack:
    provider = AwsProvider(
        ACCOUNT_ID, REGION, module_server.endpoint, module_server.journal, Databases(), application=module_server.answer
    )
    provider.configure({"region": REGION, "defaultTags": '{"tags": {"Environment": "test"}}'})
    return Stack(provider)


@pytest.fixture
def stack(module_server: AwsServer, shared_stack: Stack) -> Stack:
    """An empty account, also without remains of deleted resources."""
    journal = module_server.journal
    journal.history.clear()
    os.truncate(journal._path, 0)  # undone operations would be read again for each case
    journal.on_abort()
    return shared_stack


def _refusal(request: Callable[[], object]) -> str:
    try:
        request()
    except ProviderError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.id)
def test_refuses_the_case_and_accepts_the_nearest_valid_request(case: Case, stack: Stack) -> None:
    found = REFUSAL.fullmatch(Attempt(case, stack).refusal())

    assert found, "accepted"
    assert found["code"] == case.code
    assert case.message in found["words"]
    assert not case.path or f"; at {case.path};" in f"{found['hint']};"
