"""What the pods of a Workload share: their service account, settings and secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pulumi
from pulumi_kubernetes import apiextensions
from pulumi_kubernetes.core import v1 as core

from components._workload_args import WorkloadArgs
from components.manifests.content_name import content_name
from components.manifests.place import Place
from components.manifests.pod import AUTHORITIES_FILE, PodShape
from components.manifests.secret_provider_class import secret_provider_class_spec
from components.order import after


def make_pod_shape(name: str, args: WorkloadArgs, place: Place, child: pulumi.ResourceOptions) -> PodShape:
    """Create the objects that the pods refer to, and return their shape."""
    account = core.ServiceAccount(
        f"{name}-account",
        metadata=place.metadata(args.service_account),
        automount_service_account_token=False,
        opts=child,
    )
    # A mapping of outputs, not one output: a preview then shows, and policies check, each known value.
    data: dict[str, pulumi.Input[str]] = {
        **args.config,
        "PORT": str(args.port),
        **({"ADMIN_PORT": str(args.admin_port)} if args.admin_port else {}),
        "DRAIN_SECONDS": str(args.drain_seconds),
        "SHUTDOWN_GRACE_SECONDS": str(args.shutdown_seconds),
    }
    config = core.ConfigMap(
        f"{name}-config",
        metadata=place.metadata(
            pulumi.Output.all(**data).apply(lambda known: content_name(f"{args.app}-config", known))
        ),
        data=data,
        immutable=True,
        opts=_kept(child),
    )
    return PodShape(
        app=args.app,
        image=args.image,
        service_account=account.metadata.apply(lambda meta: meta.name or ""),
        config_map=config.metadata.apply(lambda meta: meta.name or ""),
        secrets=_secret_provider_class(f"{name}-secrets", args.secrets, args, place, child) if args.secrets else None,
        authorities=_authorities(f"{name}-database-authorities", args.database_authorities, args, place, child)
        if args.database_authorities
        else None,
        port=args.port,
        admin_port=args.admin_port,
        cpu_request=args.cpu_request,
        memory_request=args.memory_request,
        memory_limit=args.memory_limit,
    )


def make_migration_shape(
    name: str, shape: PodShape, args: WorkloadArgs, place: Place, child: pulumi.ResourceOptions
) -> PodShape:
    """Return the shape of the migration pods. With its own service account it has another role and other secrets."""
    shape = replace(shape, config=args.migration_config)
    if args.migration_service_account is None:
        return shape
    account = core.ServiceAccount(
        f"{name}-migration-account",
        metadata=place.metadata(args.migration_service_account, "migration"),
        automount_service_account_token=False,
        opts=child,
    )
    secrets = args.migration_secrets
    return replace(
        shape,
        service_account=account.metadata.apply(lambda meta: meta.name or ""),
        secrets=_secret_provider_class(f"{name}-migration-secrets", secrets, args, place, child) if secrets else None,
    )


def _authorities(
    name: str, certificates: str, args: WorkloadArgs, place: Place, child: pulumi.ResourceOptions
) -> pulumi.Output[str]:
    """Create the ConfigMap of the certificates that pods trust for the database, and return its name."""
    data = {AUTHORITIES_FILE: certificates}
    title = content_name(f"{args.app}-database-authorities", data)
    made = core.ConfigMap(name, metadata=place.metadata(title), data=data, immutable=True, opts=_kept(child))
    return after(title, made)


def _secret_provider_class(
    name: str,
    secrets: Mapping[str, pulumi.Input[str]],
    args: WorkloadArgs,
    place: Place,
    child: pulumi.ResourceOptions,
) -> pulumi.Output[str]:
    """Create the object that maps secrets to files, and return its name."""
    arns = pulumi.Output.all(**secrets)
    made = apiextensions.CustomResource(
        name,
        api_version="secrets-store.csi.x-k8s.io/v1",
        kind="SecretProviderClass",
        # Named after its content: pods of the previous release keep their version, and a change causes a rollout.
        metadata=place.metadata(arns.apply(lambda known: content_name(f"{args.app}-secrets", known))),
        spec=arns.apply(lambda known: secret_provider_class_spec(known, args.region)),
        opts=_kept(child),
    )
    metadata: pulumi.Output[Any] = made.metadata
    return metadata.apply(lambda meta: str(meta["name"]))


def _kept(child: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
    """Keep replaced objects, which are named after their content, until the namespace is deleted.

    After a failed release, a rollback needs the object of the previous release again. Pulumi would delete it at the
    end, under the same name. `kubectl rollout undo` needs the objects of previous releases too.
    """
    return pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(retain_on_delete=True))
