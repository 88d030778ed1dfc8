"""Variables that `drydock env` exports."""

import shutil
import subprocess
from pathlib import Path

import pytest

from infra.commands import env
from infra.commands.env import exports
from infra.errors import InputError
from stacks.settings import parse_settings
from tests.support.clouds import cloud

CLOUD = cloud(
    aws_endpoint="http://127.0.0.1:1",
    kubeconfig="/state/kubeconfig",
    kube_token="token",
    postgres_password="superuser",
)


def test_exports_the_variables_of_the_cloud_without_a_service() -> None:
    """After a first `up` that failed there are no outputs; only the variables of the service are left out."""
    found = exports(CLOUD, {}, "/tools", {})

    assert found["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"
    assert found["KUBECONFIG"] == "/state/kubeconfig"
    assert found["PATH"].endswith(":/tools")
    assert not {"API_BASE_URL", "DATABASE_URL"} & set(found)


def test_exports_neither_the_superuser_password_nor_the_token() -> None:
    """The password of PostgreSQL's superuser and the token of Kubernetes are not in any variable."""
    text = str(exports(CLOUD, {"url": "http://127.0.0.1:8080"}, "/tools", {}))

    assert "superuser" not in text
    assert "token" not in text
    assert "http://127.0.0.1:8080" in text


def test_excludes_the_exported_addresses_from_the_proxy() -> None:
    """NO_PROXY and no_proxy keep the user's entries and get all addresses of the local cloud."""
    other = cloud(aws_endpoint="http://127.9.0.1:1", kube_server="https://127.9.0.2:2")
    found = exports(other, {"url": "http://127.9.0.3:3"}, "/tools", {"no_proxy": ".corp", "NO_PROXY": "example.org"})

    for name in ("NO_PROXY", "no_proxy"):
        assert found[name].split(",") == [
            "example.org",
            ".corp",
            "127.0.0.1",
            "localhost",
            "127.9.0.1",
            "127.9.0.3",
            "127.9.0.2",
        ]


@pytest.mark.parametrize("shell", ["sh", "bash", "dash", "zsh"])
def test_exports_are_read_by_posix_shells_as_they_are(
    shell: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Special characters of a path are not expanded, split or run. Real: the installed shells."""
    found = shutil.which(shell)
    if found is None:
        pytest.skip(f"{shell} is not installed here")
    odd = "/a b/$(touch x)/`id`/'\"*\\n;#é\n~"
    here = cloud(aws_endpoint="http://127.0.0.1:1", kubeconfig=odd, kube_token="", postgres_password="")
    monkeypatch.setattr(env.session, "read_settings", lambda _stack: None)
    monkeypatch.setattr(env.session, "require_running", lambda _stack: here)
    monkeypatch.setattr(env, "known", lambda _stack: {})
    monkeypatch.setattr(env, "ensure", lambda _names: _Tools())
    env.env("local")
    done = subprocess.run(
        [found, "-c", capsys.readouterr().out + 'printf %s "$KUBECONFIG"'],
        env={"PATH": "/usr/bin:/bin", "AWS_PROFILE": "mine"},
        capture_output=True,
        check=True,
    )

    assert done.stdout.decode() == odd


def test_names_the_cluster_of_a_stack_on_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message is a command that can be pasted."""
    settings = parse_settings({"region": "eu-west-1"}, "test")
    monkeypatch.setattr(env.session, "read_settings", lambda _stack: settings)

    with pytest.raises(InputError, match=r"aws eks update-kubeconfig --name drydock-dev --region eu-west-1$"):
        env.env("dev")


class _Tools:
    """A toolchain that has kubectl."""

    kubectl = Path("/tools/kubectl")
