"""Finds objects of any kind that a program applied and did not delete, by asking the API server."""

from typing import Any

import httpx2

from localcloud.cloud import Cloud
from localcloud.kubernetes.own import is_own
from localcloud.kubernetes.reader import reader


def leftovers(cloud: Cloud) -> list[str]:
    """Return `Kind namespace/name` of each object that has fields owned by a Pulumi field manager."""
    with reader(cloud) as client:
        return _leftovers(client)


def _leftovers(client: httpx2.Client) -> list[str]:
    def get(path: str) -> dict[str, Any]:
        answer: dict[str, Any] = client.get(path).raise_for_status().json()
        return answer

    paths = ["/api/v1", *(f"/apis/{group['preferredVersion']['groupVersion']}" for group in get("/apis")["groups"])]
    return sorted(
        _label(resource["kind"], item)
        for path in paths
        for resource in get(path)["resources"]
        if "list" in resource["verbs"] and "/" not in resource["name"]
        for item in get(f"{path}/{resource['name']}")["items"]
        if is_own(item)
    )


def _label(kind: str, item: dict[str, Any]) -> str:
    metadata = item["metadata"]
    return f"{kind} {metadata.get('namespace', '')}/{metadata['name']}".replace(" /", " ")
