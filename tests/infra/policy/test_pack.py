"""The policy pack as the engine runs it. Real: its process behind the plugin, and gRPC."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2 as messages
from pulumi.runtime.proto.analyzer_pb2_grpc import AnalyzerStub

from infra.policy.rules.registered import RULES

INFRA = Path(__file__).resolve().parents[3] / "infra"
PLUGIN = INFRA / "plugins" / "pulumi-analyzer-policy-python"
# The engine passes the runtime options of PulumiPolicy.yaml in this form and order.
ARGUMENTS = ["127.0.0.1:1", ".", "-toolchain=pip", "-virtualenv=../../.venv"]


@contextmanager
def _serving(stack: str) -> Iterator[AnalyzerStub]:
    environment = os.environ | {
        "DRYDOCK_PYTHON": sys.executable,
        "PULUMI_PROJECT": "drydock",
        "PULUMI_STACK": stack,
        "PULUMI_DRY_RUN": "true",
    }
    pipe = subprocess.PIPE  # stdin is a pipe too, as from the engine: the pack exits when the engine closes it
    process = subprocess.Popen([PLUGIN, *ARGUMENTS], cwd=INFRA / "policy", env=environment, stdin=pipe, stdout=pipe)
    try:
        assert process.stdout
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield AnalyzerStub(channel)
    finally:
        process.kill()
        process.communicate()


def _public_database() -> messages.AnalyzeRequest:
    request = messages.AnalyzeRequest(
        type="aws:rds/instance:Instance", name="db", urn="urn:pulumi:prod::drydock::aws:rds/instance:Instance::db"
    )
    request.properties.update(
        {
            "publiclyAccessible": True,
            "dbSubnetGroupName": "private",
            "storageEncrypted": True,
            "kmsKeyId": "key",
            "backupRetentionPeriod": 7,
            "copyTagsToSnapshot": True,
            "manageMasterUserPassword": True,
        }
    )
    return request


@pytest.mark.parametrize(("stack", "level"), [("prod", messages.MANDATORY), ("local", messages.DISABLED)])
def test_offers_every_rule_at_the_level_of_its_stack(stack: str, level: int) -> None:
    """The pack reads the stack's name from the environment that the engine passes."""
    with _serving(stack) as pack:
        info = pack.GetAnalyzerInfo(empty_pb2.Empty(), timeout=30)

    assert info.name == "drydock"
    assert [policy.name for policy in info.policies] == [rule.name for rule in RULES]
    assert {each.name: each.enforcementLevel for each in info.policies}["stateful-resource-protected"] == level


def test_reports_a_violation_with_rule_resource_and_remedy() -> None:
    """The diagnostic that the engine prints has all three."""
    with _serving("dev") as pack:
        answer = pack.Analyze(_public_database(), timeout=30)

    told = {each.policyName: each for each in answer.diagnostics}
    assert told["aws-rds-no-public-access"].enforcementLevel == messages.MANDATORY
    assert "db (aws:rds/instance:Instance): publiclyAccessible is true. Remedy: " in (
        told["aws-rds-no-public-access"].message
    )
    assert told["stateful-resource-protected"].enforcementLevel == messages.ADVISORY
    assert "aws-rds-storage-encrypted" not in told
