"""Pulumi's own providers, which take the place of stand-ins in a local cloud where they are installed.

The engine finds a provider on PATH, which is where this puts those of Pulumi's plugin folder. Without a cloud the
stand-ins preview alone: a provider of a real cluster would ask that cluster.
"""

import os
import shutil
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from infra.engine.places import ROOT
from localcloud.cloud import Cloud

NAMES = ("kubernetes", "random")
"""Providers that need no cloud account."""
AWS_CLI = ROOT / "infra" / "plugins" / "eks"
"""An `aws` that signs in to the local cluster, as the kubeconfig of the program asks for."""


def installed() -> dict[str, Path]:
    """Find the providers that are installed: the folder of each executable, by the name of the provider.

    On PATH, or in the plugin folder (PULUMI_HOME, default ~/.pulumi) in the version of the SDK.
    """
    plugins = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi") / "plugins"
    found = {}
    for name in NAMES:
        executable = f"pulumi-resource-{name}"
        plugin = plugins / f"resource-{name}-v{version(f'pulumi-{name}')}" / executable
        path = shutil.which(executable) or shutil.which(plugin)
        if path:
            found[name] = Path(path).parent
    return found


def attached(providers: Mapping[str, int], cloud: Cloud | None) -> dict[str, int]:
    """Give the stand-ins to attach: all of them, but those whose real provider is installed."""
    real = installed() if cloud else {}
    return {name: port for name, port in providers.items() if name not in real}


def environment(cloud: Cloud | None, path: str) -> dict[str, str]:
    """Give the environment of the engine in which it finds real providers, and they the local cloud.

    Args:
        cloud: the running cloud.
        path: the PATH that the engine has without them.
    """
    real = installed() if cloud else {}
    if cloud is None or not real:
        return {}
    return {
        "PATH": os.pathsep.join([str(AWS_CLI), *dict.fromkeys(map(str, real.values())), path]),
        "AWS_ACCESS_KEY_ID": cloud.aws_access_key_id,
        "AWS_SECRET_ACCESS_KEY": cloud.aws_secret_access_key,
        "AWS_SESSION_TOKEN": "",
        "AWS_ENDPOINT_URL": cloud.aws_endpoint,
        # Whatever the user has set of these is for other accounts.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_PROFILE": "",
    }
