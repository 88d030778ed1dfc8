"""The state backend that Pulumi's own CLI would use."""

import json
import os
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import yaml

PULUMI_CLOUD = "https://api.pulumi.com"


def url(root: Path) -> str:
    """Return the URL of the state backend, from the environment, the project or a login; "" if there is none.

    https://www.pulumi.com/docs/iac/concepts/state-and-backends/

    Args:
        root: folder of Pulumi.yaml.
    """
    project = (yaml.safe_load((root / "Pulumi.yaml").read_text()).get("backend") or {}).get("url")
    token = PULUMI_CLOUD if os.environ.get("PULUMI_ACCESS_TOKEN") else ""
    return str(os.environ.get("PULUMI_BACKEND_URL") or project or _login() or token)


def is_read_with_credentials_of_aws(address: str) -> bool:
    """Return whether a backend is read with the credentials of the environment: a bucket without its own profile."""
    parts = urlsplit(address)
    return parts.scheme == "s3" and "profile" not in parse_qs(parts.query)


def _login() -> str:
    """Return the backend of `pulumi login`."""
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    try:
        return str(json.loads((home / "credentials.json").read_text()).get("current") or "")
    except (OSError, ValueError):
        return ""
