"""A stack file with encrypted values is read without a key."""

from pathlib import Path

import pytest

from stacks.settings import SettingsError, load_stack_file, read_stack_file

TEXT = """\
config:
  datadog:apiKey: {secure: v1:a}
  vault:login: {externalId: {secure: v1:b}, roles: [x, {secure: v1:c}]}
  other:plain: {secure: 5}
  drydock:region: eu-central-1
  drydock:tags: {Owner: {secure: v1:d}, Team: x}
  drydock:service: {upstreamUrl: {secure: v1:e}, maxReplicas: 11}
  drydock:cluster: {adminRoles: [a, {secure: v1:f}]}
"""


def test_encrypted_settings_have_their_defaults_and_other_keys_a_placeholder(tmp_path: Path) -> None:
    """Encrypted values are found at any depth, and no other value changes."""
    path = tmp_path / "Pulumi.test.yaml"
    path.write_text(TEXT)
    file, settings = load_stack_file(path), read_stack_file(path)
    hidden = "placeholder-for-an-encrypted-value"

    assert file.encrypted == [
        "datadog:apiKey",
        "vault:login.externalId",
        "vault:login.roles[1]",
        "drydock:tags.Owner",
        "drydock:service.upstreamUrl",
        "drydock:cluster.adminRoles[1]",
    ]
    assert file.readable() == {
        "datadog:apiKey": hidden,
        "vault:login": {"externalId": hidden, "roles": ["x", hidden]},
        "other:plain": {"secure": 5},
        "drydock:region": "eu-central-1",
        "drydock:tags": {"Team": "x"},
        "drydock:service": {"maxReplicas": 11},
        "drydock:cluster": {},
    }
    assert (settings.tags, settings.service.max_replicas, settings.service.upstream_url) == ({"Team": "x"}, 11, None)
    assert settings.cluster.admin_roles is None


def test_refuses_an_encrypted_region(tmp_path: Path) -> None:
    """The region has no default."""
    path = tmp_path / "Pulumi.test.yaml"
    path.write_text("config:\n  drydock:region: {secure: v1:a}\n")
    with pytest.raises(SettingsError, match="region: must not be encrypted; write it with: pulumi config set"):
        read_stack_file(path)


def refused(folder: Path, text: str) -> list[str]:
    """Return the lines of the error after the first."""
    path = folder / "Pulumi.test.yaml"
    path.write_text(f"config:\n  drydock:region: eu-central-1\n{text}")
    with pytest.raises(SettingsError) as error:
        read_stack_file(path)
    return [line.strip() for line in str(error.value).splitlines()[1:]]


def test_an_encrypted_required_setting_is_not_reported_as_missing(tmp_path: Path) -> None:
    """The message says that it is encrypted, and how to write it."""
    auth = "{jwksUrl: https://id.example/k, issuer: {secure: v1:a}, audience: api}"

    assert refused(tmp_path, f"  drydock:service: {{auth: {auth}}}\n") == [
        "service.auth.issuer: must not be encrypted, because the settings are read without the stack's key; "
        "write it with: pulumi config set --path 'drydock:service.auth.issuer' VALUE"
    ]


def test_an_error_names_the_encrypted_values_that_it_may_be_about(tmp_path: Path) -> None:
    """Without the note, the error says that the domain is missing."""
    assert refused(tmp_path, "  drydock:edge: {domain: {secure: v1:a}, zone: example.com}\n") == [
        "edge.zone: must not be set without domain",
        "edge.domain is encrypted, so it was read as not set",
    ]


def test_an_encrypted_role_is_not_reported_with_a_placeholder(tmp_path: Path) -> None:
    [line] = refused(tmp_path, "  aws:assumeRoles: [{roleArn: {secure: v1:a}}]\n")

    assert line.startswith("aws:assumeRoles[0].roleArn: must not be encrypted, because")
    assert line.endswith("pulumi config set --path 'aws:assumeRoles[0].roleArn' VALUE")
