"""What the pods of a Workload have in common: their account, their settings and their secrets."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pulumi
import pulumi_random as random
from pulumi_kubernetes.core import v1 as core

from components.manifests.content_name import content_name
from components.manifests.place import Place
from components.manifests.pod import CONTAINER_PORT, SECRETS_DIR, PodShape

if TYPE_CHECKING:
    from components.workload import WorkloadArgs

FAULT_TOKEN_LENGTH = 40


def make_pod_shape(name: str, args: WorkloadArgs, place: Place, child: pulumi.ResourceOptions) -> PodShape:
    """Make what the pods refer to, and describe them."""
    account = core.ServiceAccount(
        f"{name}-account",
        metadata=place.metadata(args.service_account),
        automount_service_account_token=False,
        opts=child,
    )
    data = pulumi.Output.all(
        **args.config,
        PORT=str(CONTAINER_PORT),
        SECRETS_DIR=SECRETS_DIR,
        DRAIN_SECONDS=str(args.drain_seconds),
        SHUTDOWN_GRACE_SECONDS=str(args.shutdown_seconds),
    )
    config = core.ConfigMap(
        f"{name}-config",
        metadata=place.metadata(data.apply(lambda known: content_name(f"{args.app}-config", known))),
        data=data,
        immutable=True,
        opts=child,
    )
    secrets = dict(args.secrets)
    if args.fault_injection:
        secrets["FAULT_TOKEN"] = random.RandomPassword(
            f"{name}-fault-token", length=FAULT_TOKEN_LENGTH, special=False, opts=child
        ).result
    secret = core.Secret(
        f"{name}-secrets",
        metadata=place.metadata(f"{args.app}-secrets"),
        # Not `string_data`, which the API server turns into `data`: nothing could tell then whether it has drifted.
        data={key: pulumi.Output.secret(value).apply(_base64) for key, value in secrets.items()},
        opts=child,
    )
    return PodShape(
        app=args.app,
        image=args.image,
        service_account=account.metadata.apply(lambda meta: meta.name or ""),
        config_map=config.metadata.apply(lambda meta: meta.name or ""),
        secret=secret.metadata.apply(lambda meta: meta.name or ""),
        cpu_request=args.cpu_request,
        memory_request=args.memory_request,
        memory_limit=args.memory_limit,
    )


def _base64(value: str) -> str:
    return base64.b64encode(value.encode()).decode()
