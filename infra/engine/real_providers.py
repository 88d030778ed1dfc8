"""Pulumi's own providers, which replace stand-ins in a local cloud if they are installed.

The engine finds a provider on PATH, to which this adds those of Pulumi's plugin folder. Without a cloud only the
stand-ins are used: a real provider would connect to the cluster.
"""

import os
import shutil
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path

from infra.engine.places import ROOT
from infra.toolchain.pins import KUBERNETES_PROVIDER
from infra.toolchain.provide import binary
from localcloud.cloud import Cloud

NAMES = ("kubernetes", "random")
"""Providers that need no cloud account."""
AWS_CLI = ROOT / "infra" / "plugins" / "eks"
"""An `aws` command that signs in to the local cluster, for the kubeconfig of the program."""


def installed() -> dict[str, Path]:
    """Find the providers that are installed: the folder of each executable, by the name of the provider.

    On PATH, in the plugin folder (PULUMI_HOME, default ~/.pulumi) in the version of the SDK, or built by
    `make providers`.
    """
    plugins = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi") / "plugins"
    built = {name: binary(KUBERNETES_PROVIDER, name) for name, _ in KUBERNETES_PROVIDER.packages}
    found = {}
    for name in NAMES:
        executable = f"pulumi-resource-{name}"
        plugin = plugins / f"resource-{name}-v{version(f'pulumi-{name}')}" / executable
        places = [Path(executable), plugin, *([built[executable]] if executable in built else [])]
        paths = [path for path in map(shutil.which, places) if path]
        if paths:
            found[name] = Path(paths[0]).parent
    return found


def attached(providers: Mapping[str, int], real: Mapping[str, Path]) -> dict[str, int]:
    """Return the stand-ins to attach: all except those whose real provider is installed."""
    return {name: port for name, port in providers.items() if name not in real}


def described(providers: Iterable[str], real: Mapping[str, Path]) -> list[str]:
    """Return messages: which providers are Pulumi's own, with their folder, and which are stand-ins."""
    stand_ins = sorted(name for name in providers if name not in real)
    return [
        *(f"{name}: Pulumi's own, from {folder}" for name, folder in sorted(real.items())),
        f"{', '.join(stand_ins)}: stand-ins",
    ]


def environment(real: Mapping[str, Path], cloud: Cloud, path: str) -> dict[str, str]:
    """Return the environment of an engine that uses real providers, which use the local cloud.

    Args:
        real: the real providers, as `installed` finds them.
        cloud: the running cloud.
        path: the PATH of the engine without them.
    """
    if not real:
        return {}
    return {
        "PATH": os.pathsep.join([str(AWS_CLI), *dict.fromkeys(map(str, real.values())), path]),
        "AWS_ACCESS_KEY_ID": cloud.aws_access_key_id,
        "AWS_SECRET_ACCESS_KEY": cloud.aws_secret_access_key,
        "AWS_SESSION_TOKEN": "",
        "AWS_ENDPOINT_URL": cloud.aws_endpoint,
        # The user's values of these are for other accounts. `aws` drops the user's profile itself.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
