"""The process of the part `aws`, as the supervisor runs it."""

import json
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from localcloud.protocol.values import decode, encode
from tests.support.ports import free_port

START_SECONDS = 60
URN = "urn:pulumi:test::drydock::aws:ec2/vpc:Vpc::main"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    settings = {
        "name": "local",
        "region": "eu-central-1",
        "account_id": "123456789012",
        "kube_server": "https://127.0.0.1:6443",
        "kube_ca_pem": "pem",
        "kube_token": "token",
        "postgres_host": "127.0.0.1",
        "postgres_port": 1,
        "postgres_user": "postgres",
        "postgres_password": "secret",
    }
    (tmp_path / "ports.json").write_text(json.dumps({"aws": free_port(), "provider-aws": free_port()}))
    (tmp_path / "settings.json").write_text(json.dumps(settings))
    return tmp_path


def start(state: Path) -> "tuple[subprocess.Popen[bytes], grpc.Channel]":
    process = subprocess.Popen([sys.executable, "-m", "localcloud.aws", str(state)], stderr=subprocess.DEVNULL)
    channel = grpc.insecure_channel(f"127.0.0.1:{json.loads((state / 'ports.json').read_text())['provider-aws']}")
    grpc.channel_ready_future(channel).result(START_SECONDS)
    return process, channel


def ledger(state: Path) -> list[dict[str, str]]:
    port = json.loads((state / "ports.json").read_text())["aws"]
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/drydock/ledger") as answer:
        entries: list[dict[str, str]] = json.load(answer)
    return entries


def test_resources_survive_a_kill_and_sigterm_ends_the_process(state: Path) -> None:
    """A VPC created through the provider protocol exists after kill -9, with the same id."""
    process, channel = start(state)
    stub = provider_pb2_grpc.ResourceProviderStub(channel)
    stub.Configure(provider_pb2.ConfigureRequest(args=encode({"region": "eu-central-1"})))
    checked = stub.Check(provider_pb2.CheckRequest(urn=URN, news=encode({"cidrBlock": "10.0.0.0/16"}))).inputs
    created = stub.Create(provider_pb2.CreateRequest(urn=URN, properties=checked))
    process.kill()
    process.wait()
    channel.close()

    process, channel = start(state)
    stub = provider_pb2_grpc.ResourceProviderStub(channel)
    read = stub.Read(provider_pb2.ReadRequest(urn=URN, id=created.id, inputs=checked, properties=created.properties))

    assert [(entry["urn"], entry["id"]) for entry in ledger(state)] == [(URN, created.id)]
    assert decode(read.properties) == decode(created.properties)
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    assert (state / "aws.journal").stat().st_mode & 0o777 == 0o600
    channel.close()
