"""A whole stack deployed with the stand-in of the aws provider, in this process and without an engine.

Real: the program, the stand-in and IAM. Emulated: AWS, by moto. Faked: resources of all other providers.
"""

import json
from collections.abc import Callable
from typing import Any

from infra.program import APP
from localcloud.aws.provider import AwsProvider
from localcloud.protocol.servicer import ProviderError, Target
from stacks.build import build
from stacks.settings import Settings
from tests.localcloud.aws.conftest import Made
from tests.support.fake_outputs import answer_of
from tests.support.recorder import Recording, fake, plain, record

AWS_PROVIDER = "pulumi:providers:aws"


class Deployment:
    """The AWS resources of a stack, in the order of their creation.

    Args:
        provider: the stand-in.
        role_arn: the deploy role; None: the owner of the account.
    """

    def __init__(self, provider: AwsProvider, role_arn: str | None = None) -> None:
        self._provider = provider
        self._role_arn = role_arn
        self.made: list[Made] = []

    def up(self, settings: Settings, stack: str) -> None:
        """Create all resources of an environment."""
        self.run(lambda: build(settings, stack, APP), stack)

    def run(self, program: Callable[[], Any], stack: str) -> Recording:
        """Create all resources of a program."""
        return record(program, stack, make=self._make, answer=self._answer)

    def refresh(self) -> None:
        """Refresh all resources."""
        for resource in self.made:
            resource.provider.read(resource.target, resource.id, resource.inputs, resource.outputs)

    def unprotect(self) -> None:
        """Disable deletion protection."""
        for resource in self.made:
            for name in ("deletionProtection", "enableDeletionProtection"):
                if resource.inputs.get(name):
                    resource.update(**{name: False})

    def destroy(self) -> None:
        """Delete all resources."""
        while self.made:
            self.made.pop().delete()

    def _make(self, urn: str, type_: str, name: str, inputs: Any) -> tuple[str, Any]:
        # As from the engine's protocol, whole numbers are integers.
        given = json.loads(json.dumps(plain(dict(inputs))), parse_float=_number)
        if type_ == AWS_PROVIDER:
            roles = {"assumeRoles": json.dumps([{"roleArn": self._role_arn}])} if self._role_arn else {}
            self._provider.configure({**given, **roles})
        if not type_.startswith("aws:"):
            return fake(urn, type_, name, inputs)
        target = Target(urn=urn, type=type_, name=name)
        checked = self._provider.check(target, {}, given)
        id_, outputs = self._provider.create(target, checked, preview=False)
        self.made.append(Made(self._provider, target, id_, checked, outputs))
        return id_, outputs

    def _answer(self, request: Any) -> Any:
        if request.tok.startswith(("aws:ecr/", "aws:cloudwatch/", "aws:route53/")):
            try:
                return self._provider.invoke(request.tok, dict(request.args))
            except ProviderError:  # there is no repository yet, and mocks cannot report a failed function
                return answer_of(request.tok)
        return answer_of(request.tok)


def _number(text: str) -> int | float:
    value = float(text)
    return int(value) if value.is_integer() else value
