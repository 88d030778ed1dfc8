"""The whole program on the real engine, with an emulated account and without a cluster.

Real: the engine with its state, `infra.program`, the stand-ins of aws and random. Emulated: the account, by moto.
Faked: the builder and Kubernetes, which return their inputs.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from infra.program import program
from localcloud.aws.account import Account
from localcloud.aws.provider import AwsProvider
from localcloud.aws.server import AwsServer
from localcloud.protocol.servicer import Change, Provider, Target
from localcloud.protocol.values import Properties
from localcloud.providers.random_ import RandomProvider
from tests.localcloud.aws.conftest import ACCOUNT_ID, REGION, Databases
from tests.support.engine import STACK
from tests.support.fake_outputs import id_of, outputs_of
from tests.support.on_engine import OnEngine

# The stack playground with fewer zones: the same types of resources, and no further steps for deletion.
SMALL: Mapping[str, Any] = {
    "region": REGION,
    "accountId": ACCOUNT_ID,
    "protect": False,
    "network": {"availabilityZones": ["a", "b"], "natStrategy": "single"},
    "cluster": {"deletionProtection": False, "privateAccessCidrs": ["10.0.0.0/16"], "logRetentionDays": 30},
    "database": {"deletionProtection": False, "logRetentionDays": 30},
    "edge": {"domain": "api.example.com", "deletionProtection": False},
}


class Repeating(Provider):
    """A provider that returns its inputs and the outputs that the program reads."""

    def __init__(self, name: str) -> None:
        self.name = name

    def check(self, target: Target, old: Properties, new: Properties) -> Properties:
        return new

    def diff(self, target: Target, id_: str, old: Properties, outputs: Properties, new: Properties) -> Change:
        return Change(changed=sorted(key for key in {*old, *new} if old.get(key) != new.get(key)))

    def create(self, target: Target, inputs: Properties, *, preview: bool) -> tuple[str, Properties]:
        return ("" if preview else id_of(target.type, target.name)), outputs_of(target.type, target.name, inputs)

    def read(
        self, target: Target, id_: str, inputs: Properties, outputs: Properties
    ) -> tuple[str, Properties, Properties]:
        return id_, inputs, outputs

    def update(
        self, target: Target, id_: str, old: Properties, outputs: Properties, new: Properties, *, preview: bool
    ) -> Properties:
        return outputs_of(target.type, target.name, new)

    def delete(self, target: Target, id_: str, inputs: Properties, outputs: Properties) -> None:
        """Do nothing: there is no object."""


class _Called(AwsProvider):
    """Calls the account as a principal."""

    caller = ""
    """ARN of the caller; empty: the owner of the account."""

    def invoke(self, token: str, args: Properties) -> Properties:
        answer = super().invoke(token, args)
        return {**answer, "arn": self.caller} if self.caller and "getCallerIdentity" in token else answer


class WholeStack(OnEngine):
    """The stack `test` of the program, with these settings.

    Args:
        folder: folder for its state, which is created.
        server: the account.
        settings: `drydock:` keys; the hosted zone and the administrators of the cluster are created.
        caller: ARN of the principal that deploys.
    """

    def __init__(self, folder: Path, server: AwsServer, settings: Mapping[str, Any] = SMALL, caller: str = "") -> None:
        call = Account(ACCOUNT_ID, REGION, server.endpoint).call
        call("route53", "CreateHostedZone", Name="example.com", CallerReference="a")
        trust = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT_ID}, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        for role in ("deploy", "admin"):
            call("iam", "CreateRole", RoleName=f"drydock-{STACK}-{role}", AssumeRolePolicyDocument=document)
        account = _Called(ACCOUNT_ID, REGION, server.endpoint, server.journal, Databases())
        account.caller = caller
        providers = (
            account,
            Repeating("docker-build"),
            Repeating("kubernetes"),
            RandomProvider(),
        )
        super().__init__(folder, providers, program)
        self.configure(settings)

    def configure(self, settings: Mapping[str, Any]) -> None:
        """Set the settings for the next operations."""
        config = {f"drydock:{key}": value for key, value in settings.items()}
        self.engine.file.write_text(yaml.safe_dump({"config": json.loads(json.dumps(config))}))
