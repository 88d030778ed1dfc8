"""DeployIdentities: roles for GitHub workflows that deploy and preview environments, without access keys."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pulumi
from pulumi_aws import iam

from components._boundary import boundary, names
from components._deploy_access import (
    AUDIENCE,
    GITHUB,
    deploy_subject,
    preview_subject,
    reads,
    trust_github,
    use_state,
)

DEPLOY_SECONDS = 2 * 60 * 60  # a cluster and a Multi-AZ database take 40 minutes, and are created one after the other
PREVIEW_SECONDS = 60 * 60  # the minimum in IAM


@dataclass(frozen=True, kw_only=True)
class DeployIdentitiesArgs:
    """Arguments of DeployIdentities."""

    account_id: str
    """The account."""

    region: str
    """The only allowed region of environments."""

    repository: str
    """GitHub repository whose workflows may assume the roles, as `ORG/REPO`."""

    environments: Sequence[str]
    """Names of the environments: stacks, and environments of the repository on GitHub."""

    policies: Mapping[str, Mapping[str, Any]]
    """Policy documents of the deploy role, by name."""

    bucket_arn: pulumi.Input[str]
    """The bucket of the state."""

    key_arn: pulumi.Input[str]
    """The key of the state and of its secrets."""


class DeployIdentities(pulumi.ComponentResource):
    """GitHub's OIDC provider, and for each environment a deploy role with a boundary and a preview role."""

    deploy_role_arns: pulumi.Output[dict[str, str]]
    """ARN of the deploy role, by environment."""

    preview_role_arns: pulumi.Output[dict[str, str]]
    """ARN of the preview role, by environment."""

    def __init__(self, name: str, args: DeployIdentitiesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("drydock:bootstrap:DeployIdentities", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        # Without thumbprints: IAM verifies GitHub's certificate with its own certificate authorities.
        # https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html
        provider = iam.OpenIdConnectProvider(
            f"{name}-github", url=f"https://{GITHUB}", client_id_lists=[AUDIENCE], opts=child
        )
        granted = {
            policy: iam.Policy(f"{name}-{policy}", name=f"drydock-deploy-{policy}", policy=text, opts=child).arn
            for policy, text in sorted((policy, json.dumps(document)) for policy, document in args.policies.items())
        }
        text = reads(args.policies.values())
        read = {"read": iam.Policy(f"{name}-read", name="drydock-preview-read", policy=text, opts=child).arn}

        stored = pulumi.Output.all(bucket_arn=args.bucket_arn, key_arn=args.key_arn)
        deploys: dict[str, pulumi.Output[str]] = {}
        previews: dict[str, pulumi.Output[str]] = {}
        for environment in args.environments:
            known = names(environment)
            limit = iam.Policy(
                f"{name}-{environment}-boundary",
                name=known["boundary"],
                policy=stored.apply(partial(_boundary, args, environment)),
                opts=child,
            )
            for kind, arns, subject, policies, seconds in (
                ("deploy", deploys, deploy_subject(args.repository, environment), granted, DEPLOY_SECONDS),
                ("preview", previews, preview_subject(args.repository, environment), read, PREVIEW_SECONDS),
            ):
                role = iam.Role(
                    f"{name}-{environment}-{kind}",
                    name=known[kind],
                    assume_role_policy=provider.arn.apply(partial(trust_github, subject=subject)),
                    max_session_duration=seconds,
                    permissions_boundary=limit.arn,
                    opts=child,
                )
                iam.RolePolicy(
                    f"{name}-{environment}-{kind}-state",
                    name="state",
                    role=role.name,
                    policy=stored.apply(partial(_state, environment, write=kind == "deploy")),
                    opts=child,
                )
                for policy, arn in policies.items():
                    iam.RolePolicyAttachment(
                        f"{name}-{environment}-{kind}-{policy}", role=role.name, policy_arn=arn, opts=child
                    )
                arns[environment] = role.arn

        self.deploy_role_arns = pulumi.Output.all(**deploys)
        self.preview_role_arns = pulumi.Output.all(**previews)
        self.register_outputs({"deploy_role_arns": self.deploy_role_arns, "preview_role_arns": self.preview_role_arns})


def _boundary(args: DeployIdentitiesArgs, environment: str, stored: Mapping[str, str]) -> str:
    return boundary(
        account_id=args.account_id,
        region=args.region,
        policy_name=names(environment)["boundary"],
        others=[other for other in args.environments if other != environment],
        **stored,
    )


def _state(environment: str, stored: Mapping[str, str], *, write: bool) -> str:
    return use_state(environment=environment, write=write, **stored)
