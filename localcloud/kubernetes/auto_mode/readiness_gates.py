"""The admission webhook that adds readiness gates for target groups to new pods.

It is a webhook, as in the open source controller, because a MutatingAdmissionPolicy cannot look up the Service of a
TargetGroupBinding.
"""

import base64
import json
import ssl
from pathlib import Path
from typing import Any

from aiohttp import web

from localcloud.cluster.api import ApiClient, ApiError, Manifest
from localcloud.kubernetes.auto_mode.bound_pods import gates_for

FIELD_MANAGER = "eks-auto-mode"
NAME = "eks-pod-readiness-gates"
PATH = "/mutate-v1-pod"
NAMESPACE_LABEL = {"eks.amazonaws.com/pod-readiness-gate-inject": "enabled"}
"""The namespace label that enables the webhook: https://github.com/aws/containers-roadmap/issues/2511"""
TIMEOUT_SECONDS = 5
APPLY = "application/apply-patch+yaml"


def configuration(port: int, ca_pem: str) -> Manifest:
    """Return the configuration of the webhook; if the webhook fails, the API server does not create the pod."""
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "MutatingWebhookConfiguration",
        "metadata": {"name": NAME},
        "webhooks": [
            {
                "name": "pod-readiness-gates.eks.amazonaws.com",
                "admissionReviewVersions": ["v1"],
                "sideEffects": "None",
                "failurePolicy": "Fail",
                "timeoutSeconds": TIMEOUT_SECONDS,
                "namespaceSelector": {"matchLabels": NAMESPACE_LABEL},
                "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}],
                "clientConfig": {
                    "url": f"https://127.0.0.1:{port}{PATH}",
                    "caBundle": base64.b64encode(ca_pem.encode()).decode(),
                },
            }
        ],
    }


class ReadinessGates:
    """Serves the webhook.

    Args:
        api: the API server.
        port: the loopback port.
        certificates: folder with `kubelet.crt` and `kubelet.key`, issued by the cluster's certificate authority.
        ca_pem: certificate of that authority.
    """

    def __init__(self, api: ApiClient, port: int, certificates: Path, ca_pem: str) -> None:
        self._api = api
        self._port = port
        self._certificates = certificates
        self._ca_pem = ca_pem
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Start listening on the loopback address."""
        app = web.Application()
        app.router.add_post(PATH, self._review)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self._certificates / "kubelet.crt", self._certificates / "kubelet.key")
        await web.TCPSite(self._runner, "127.0.0.1", self._port, ssl_context=context).start()

    async def register(self) -> None:
        """Register the webhook with the API server.

        Raises:
            ApiError: the API server rejects the configuration.
        """
        path = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations"
        query = f"fieldManager={FIELD_MANAGER}&force=true"
        await self._api.patch(f"{path}/{NAME}?{query}", configuration(self._port, self._ca_pem), APPLY)

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner:
            await self._runner.cleanup()

    async def _review(self, request: web.Request) -> web.Response:
        asked = (await request.json())["request"]
        answer: dict[str, Any] = {"uid": asked["uid"], "allowed": True}
        try:
            gates = await self._gates(asked["namespace"], asked["object"])
        except ApiError as error:
            answer |= {"allowed": False, "status": {"code": 503, "message": f"readiness gates are unknown: {error}"}}
            gates = []
        if gates:
            known = asked["object"]["spec"].get("readinessGates") or []
            value = [*known, *({"conditionType": gate} for gate in gates)]
            patch = json.dumps([{"op": "add", "path": "/spec/readinessGates", "value": value}])
            answer |= {"patchType": "JSONPatch", "patch": base64.b64encode(patch.encode()).decode()}
        return web.json_response({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": answer})

    async def _gates(self, namespace: str, pod: Manifest) -> list[str]:
        """Return the gates for a pod; read the bindings for each pod, so that a binding just created is included."""
        group = "/apis/eks.amazonaws.com/v1"
        bindings = await self._api.get(f"{group}/namespaces/{namespace}/targetgroupbindings")
        if not bindings["items"]:
            return []
        services = await self._api.get(f"/api/v1/namespaces/{namespace}/services")
        by_name = {each["metadata"]["name"]: each for each in services["items"]}
        return gates_for(pod, bindings["items"], by_name)
