"""A complete but small Kubernetes control plane on the loopback address: one etcd member and one of each server.

The binaries, controllers, scheduler and admission are the real ones. Compared to an EKS cluster, only the addresses and
the memory targets differ. The ServiceAccount admission plugin is disabled, because no pod gets an API token here. etcd
syncs each write to disk, so a kill -9 of any process loses no data.
"""

import ssl
import time
import urllib.request
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from localcloud.parts import Part, refuses

SERVICE_CIDR = "10.96.0.0/16"
ETCD_QUOTA_BYTES = 512 * 1024 * 1024
PROBE_SECONDS = 2
POLL_SECONDS = 0.1
TOKEN_WEBHOOK = "token-webhook.json"  # noqa: S105 - a file's name
# The controllers needed by the supported kinds, those that Pulumi's own provider and the EKS access policies depend on
# (endpoints and aggregated roles), and those that clean up.
CONTROLLERS = (
    "clusterrole-aggregation-controller",
    "cronjob-controller",
    "daemonset-controller",
    "deployment-controller",
    "disruption-controller",
    "endpoints-controller",
    "endpointslice-controller",
    "garbage-collector-controller",
    "horizontal-pod-autoscaler-controller",
    "job-controller",
    "namespace-controller",
    "node-lifecycle-controller",
    "pod-garbage-collector-controller",
    "replicaset-controller",
    "resourcequota-controller",
    "statefulset-controller",
    "taint-eviction-controller",
    "ttl-after-finished-controller",
)
# API groups that neither this program nor any of the four processes uses.
UNUSED_APIS = ("flowcontrol.apiserver.k8s.io/v1", "certificates.k8s.io/v1")


def parts(
    folder: Path,
    binaries: Mapping[str, str],
    ports: Mapping[str, int],
    token: str,
    *,
    service_cidr: str = SERVICE_CIDR,
) -> list[Part]:
    """Return the four processes of the control plane, in the order in which they start.

    Args:
        folder: folder with the files of `credentials.ensure` and `kubeconfig`; it also holds the data of etcd.
        binaries: paths of etcd, kube-apiserver, kube-controller-manager and kube-scheduler.
        ports: loopback ports of these four, and of `etcd-peer`.
        token: the admin token, used by probes.
        service_cidr: address range of Services; no process routes these addresses.
    """
    kubeconfig = folder / "kubeconfig"
    return [
        etcd(folder, binaries["etcd"], client_port=ports["etcd"], peer_port=ports["etcd-peer"]),
        apiserver(
            folder,
            binaries["kube-apiserver"],
            port=ports["kube-apiserver"],
            etcd_port=ports["etcd"],
            token=token,
            service_cidr=service_cidr,
        ),
        controller_manager(
            folder, binaries["kube-controller-manager"], kubeconfig, port=ports["kube-controller-manager"]
        ),
        scheduler(folder, binaries["kube-scheduler"], kubeconfig, port=ports["kube-scheduler"]),
    ]


def etcd(folder: Path, binary: str, *, client_port: int, peer_port: int) -> Part:
    """Return etcd; both listeners require a client certificate, so other users of the machine cannot read Secrets."""
    client, peer = f"https://127.0.0.1:{client_port}", f"https://127.0.0.1:{peer_port}"
    flags = {
        "name": "local",
        "data-dir": folder / "etcd",
        "listen-client-urls": client,
        "advertise-client-urls": client,
        "listen-peer-urls": peer,
        "initial-advertise-peer-urls": peer,
        "initial-cluster": f"local={peer}",
        "cert-file": folder / "etcd.crt",
        "key-file": folder / "etcd.key",
        "client-cert-auth": "true",
        "trusted-ca-file": folder / "ca.crt",
        "peer-cert-file": folder / "etcd.crt",
        "peer-key-file": folder / "etcd.key",
        "peer-client-cert-auth": "true",
        "peer-trusted-ca-file": folder / "ca.crt",
        "quota-backend-bytes": ETCD_QUOTA_BYTES,
        "log-level": "warn",
    }
    return Part(
        name="etcd",
        argv=_argv(binary, flags),
        env=_small(64),
        ready=_answers(f"{client}/health", folder, certificate="etcd-client"),
        is_stopping=refuses(client_port),
    )


def apiserver(folder: Path, binary: str, *, port: int, etcd_port: int, token: str, service_cidr: str) -> Part:
    """Return the API server, with RBAC and the built-in Pod Security admission."""
    flags = {
        "bind-address": "127.0.0.1",
        "secure-port": port,
        "advertise-address": "127.0.0.1",
        # Do not create Endpoints for `kubernetes.default`: they must not contain a loopback address.
        "endpoint-reconciler-type": "none",
        "etcd-servers": f"https://127.0.0.1:{etcd_port}",
        "etcd-cafile": folder / "ca.crt",
        "etcd-certfile": folder / "etcd-client.crt",
        "etcd-keyfile": folder / "etcd-client.key",
        "tls-cert-file": folder / "apiserver.crt",
        "tls-private-key-file": folder / "apiserver.key",
        "token-auth-file": folder / "tokens.csv",
        "anonymous-auth": "false",
        "authorization-mode": "RBAC",
        "disable-admission-plugins": "ServiceAccount",
        "service-cluster-ip-range": service_cidr,
        "service-account-issuer": "https://kubernetes.default.svc",
        "service-account-key-file": folder / "service-accounts.key",
        "service-account-signing-key-file": folder / "service-accounts.key",
        "kubelet-certificate-authority": folder / "ca.crt",
        "kubelet-client-certificate": folder / "apiserver-kubelet-client.crt",
        "kubelet-client-key": folder / "apiserver-kubelet-client.key",
        "kubelet-preferred-address-types": "InternalIP",
        "runtime-config": ",".join(f"{api}=false" for api in UNUSED_APIS),
        "enable-priority-and-fairness": "false",
        "profiling": "false",
        "shutdown-delay-duration": "0s",
        **(_token_webhook(folder) if (folder / TOKEN_WEBHOOK).exists() else {}),
    }
    return Part(
        name="kube-apiserver",
        argv=_argv(binary, flags),
        env=_small(320),
        ready=_answers(f"https://127.0.0.1:{port}/readyz", folder, token=token),
        # After SIGTERM it closes its port immediately, but ends only after the last watch, which takes over a minute.
        is_stopping=refuses(port),
        after=("etcd",),
    )


def wait_for_apiserver(folder: Path, server: str, token: str) -> None:
    """Wait until the API server is ready.

    Args:
        folder: folder with the files of `credentials.ensure`.
        server: URL of the API server.
        token: the admin token.
    """
    ready = _answers(f"{server}/readyz", folder, token=token)
    while not ready():
        time.sleep(POLL_SECONDS)


def _token_webhook(folder: Path) -> dict[str, object]:
    """Return flags for the review of tokens of `aws eks get-token`; short cache, because access policies can change."""
    return {
        "authentication-token-webhook-config-file": folder / TOKEN_WEBHOOK,
        "authentication-token-webhook-version": "v1",
        "authentication-token-webhook-cache-ttl": "5s",
    }


def controller_manager(folder: Path, binary: str, kubeconfig: Path, *, port: int) -> Part:
    """Return the controller manager, without leader election because there is only one."""
    flags = {
        **_client_of_apiserver(folder, kubeconfig, port),
        "controllers": ",".join(CONTROLLERS),
        "allocate-node-cidrs": "false",
        "horizontal-pod-autoscaler-sync-period": "2s",
    }
    return Part(
        name="kube-controller-manager",
        argv=_argv(binary, flags),
        env=_small(96),
        ready=_answers(f"https://127.0.0.1:{port}/healthz", folder),
        is_stopping=refuses(port),
        after=("kube-apiserver",),
    )


def scheduler(folder: Path, binary: str, kubeconfig: Path, *, port: int) -> Part:
    """Return the scheduler, without leader election because there is only one."""
    return Part(
        name="kube-scheduler",
        argv=_argv(binary, _client_of_apiserver(folder, kubeconfig, port)),
        env=_small(64),
        ready=_answers(f"https://127.0.0.1:{port}/healthz", folder),
        is_stopping=refuses(port),
        after=("kube-apiserver",),
    )


def _client_of_apiserver(folder: Path, kubeconfig: Path, port: int) -> dict[str, object]:
    return {
        "kubeconfig": kubeconfig,
        "bind-address": "127.0.0.1",
        "secure-port": port,
        "tls-cert-file": folder / "apiserver.crt",
        "tls-private-key-file": folder / "apiserver.key",
        "leader-elect": "false",
        "profiling": "false",
    }


def _argv(binary: str, flags: Mapping[str, object]) -> list[str]:
    return [binary, *(f"--{flag}={value}" for flag, value in flags.items())]


def _small(memory_mib: int) -> dict[str, str]:
    """Return the Go setting for a memory limit, which is a target, not a hard cap.

    The garbage is not collected more often than by default: with half the default of GOGC, the API server needs 50 MiB
    less, but 2 of the 6 seconds of CPU until it is ready.
    """
    return {"GOGC": "100", "GOMEMLIMIT": f"{memory_mib}MiB"}


def _answers(url: str, folder: Path, *, token: str = "", certificate: str = "") -> Callable[[], bool]:
    @cache
    def opener() -> urllib.request.OpenerDirector:
        context = ssl.create_default_context(cafile=str(folder / "ca.crt"))
        if certificate:
            context.load_cert_chain(folder / f"{certificate}.crt", folder / f"{certificate}.key")
        # Use no proxy: one set in the environment of this machine cannot reach its loopback address.
        return urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )

    def check() -> bool:
        request = urllib.request.Request(url)  # noqa: S310 - a loopback URL of our own
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with opener().open(request, timeout=PROBE_SECONDS) as response:
                return bool(response.status < 400)
        except OSError:
            return False

    return check
