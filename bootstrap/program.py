"""The program of an account: settings in; state bucket, key and roles out."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
from pulumi.runtime import config as pulumi_config

from bootstrap.settings import BootstrapSettings, parse_bootstrap
from components.deploy_identities import DeployIdentities, DeployIdentitiesArgs
from components.state_store import StateStore, StateStoreArgs
from stacks.settings import SettingsError

POLICIES = Path(__file__).parent.parent / "infra" / "deploy_role"
TAGS = {"Project": "drydock", "Environment": "account", "ManagedBy": "pulumi"}


def program() -> None:
    """Build the account of the current stack, and export the outputs that the environments need."""
    stack = pulumi.get_stack()
    try:
        settings = parse_bootstrap(
            {**pulumi_config.get_config_env(), **pulumi_config.CONFIG.get()}, f"bootstrap/Pulumi.{stack}.yaml"
        )
    except SettingsError as error:
        raise pulumi.RunError(str(error)) from None
    for name, value in build_account(settings).items():
        pulumi.export(name, value)


def build_account(settings: BootstrapSettings) -> Mapping[str, pulumi.Input[Any]]:
    """Create all resources of an account and return its outputs, none of them secret."""
    provider = aws.Provider(
        "aws",
        region=settings.region,
        allowed_account_ids=[settings.account_id],
        default_tags={"tags": TAGS},
    )
    opts = pulumi.ResourceOptions(provider=provider)
    store = StateStore("state", StateStoreArgs(bucket_name=settings.bucket, protect=settings.protect), opts)
    identities = DeployIdentities(
        "identities",
        DeployIdentitiesArgs(
            account_id=settings.account_id,
            region=settings.region,
            repository=settings.repository,
            environments=settings.environments,
            policies=deploy_policies(),
            bucket_arn=store.bucket_arn,
            key_arn=store.key_arn,
        ),
        opts,
    )
    return {
        "backend_url": store.bucket_name.apply(lambda bucket: f"s3://{bucket}?region={settings.region}"),
        "secrets_provider": f"awskms://alias/drydock-state?region={settings.region}",
        "deploy_role_arns": identities.deploy_role_arns,
        "preview_role_arns": identities.preview_role_arns,
    }


def deploy_policies() -> dict[str, Any]:
    """Return the policy documents of the deploy role, by the names of their files in `infra/deploy_role`."""
    return {path.stem: json.loads(path.read_text()) for path in sorted(POLICIES.glob("*.json"))}
