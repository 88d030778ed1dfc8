"""What a program applied and never deleted, as the API server itself tells it, whatever the kind."""

import json
import ssl
import urllib.request
from typing import Any

from localcloud.cloud import Cloud
from localcloud.kubernetes.own import is_own

REQUEST_SECONDS = 10


def leftovers(cloud: Cloud) -> list[str]:
    """`Kind namespace/name` of each object that a field manager of Pulumi still owns fields of."""
    context = ssl.create_default_context(cadata=cloud.kube_ca_pem)

    def get(path: str) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310 - the local cloud's own API server
            cloud.kube_server + path, headers={"Authorization": f"Bearer {cloud.kube_token}"}
        )
        with urllib.request.urlopen(request, timeout=REQUEST_SECONDS, context=context) as response:  # noqa: S310
            answer: dict[str, Any] = json.load(response)
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
