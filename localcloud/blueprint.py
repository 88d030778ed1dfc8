"""Prepares a local cloud: its parts, the files that they read, and the record of its endpoints."""

import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localcloud.certificates import AUTHORITY_FOLDER, Authority
from localcloud.cloud import ACCESS_KEY, ACCOUNT_ID, SETTINGS_FILE, Cloud
from localcloud.files import read_json, write_json
from localcloud.kubernetes import control_plane, credentials
from localcloud.parts import Part, listens, refuses
from localcloud.postgres import server as postgres
from localcloud.postgres.versions import major_for

PROVIDER_NAMES = ("aws", "kubernetes", "random", "docker-build")


@dataclass(frozen=True, kw_only=True)
class Blueprint:
    """A local cloud that is ready to be started."""

    parts: list[Part]
    cloud: Cloud


def prepare(state: Path, request: Mapping[str, Any], ports: Mapping[str, int], pod_octet: int) -> Blueprint:
    """Create credentials, certificate authority, settings.json and the database's data folder; return what to run.

    Args:
        state: the state folder of the local cloud.
        request: the arguments of `control.start`: name, region, engine_version, binaries and owner_pid.
        ports: loopback ports by name.
        pod_octet: X of the pod network 10.X.0.0/16, which is 127.X.0.0/16 on this machine.
    """
    folder = state / "kubernetes"
    kubernetes = credentials.ensure(folder)
    server = f"https://127.0.0.1:{ports['kube-apiserver']}"
    credentials.write_kubeconfig(folder / "kubeconfig", server, kubernetes, name=request["name"])
    Authority.ensure(state / AUTHORITY_FOLDER)
    review = f"http://127.0.0.1:{ports['aws']}/drydock/token-review"
    credentials.write_token_webhook(folder / control_plane.TOKEN_WEBHOOK, review)
    password = (read_json(state / SETTINGS_FILE) or {}).get("postgres_password") or secrets.token_urlsafe(24)
    settings = {
        **request,
        "account_id": ACCOUNT_ID,
        "pod_octet": pod_octet,
        "gateway_address": "127.0.0.1" if request["name"] == "local" else f"127.{pod_octet}.255.254",
        "kube_server": server,
        "kube_ca_pem": kubernetes.ca_pem,
        "kube_token": kubernetes.token,
        "postgres_host": "127.0.0.1",
        "postgres_port": ports["postgres"],
        "rds_port": ports["rds"],
        "postgres_user": postgres.SUPERUSER,
        "postgres_password": password,
        "images_dir": str(state / "images"),
    }
    write_json(state / SETTINGS_FILE, settings)
    postgres.prepare(state / "postgres", password, major_for(request["engine_version"]))
    cloud = Cloud(
        name=request["name"],
        pid=os.getpid(),
        region=request["region"],
        account_id=ACCOUNT_ID,
        aws_endpoint=f"http://127.0.0.1:{ports['aws']}",
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=ACCESS_KEY,
        kubeconfig=str(folder / "kubeconfig"),
        kube_server=server,
        kube_ca_pem=kubernetes.ca_pem,
        kube_token=kubernetes.token,
        postgres_host="127.0.0.1",
        postgres_port=ports["postgres"],
        postgres_user=postgres.SUPERUSER,
        postgres_password=password,
        gateway_address=settings["gateway_address"],
        authority=str(state / AUTHORITY_FOLDER / "ca.crt"),
        providers={name: ports[f"provider-{name}"] for name in PROVIDER_NAMES},
    )
    return Blueprint(parts=_parts(state, request["binaries"], ports, password, kubernetes.token), cloud=cloud)


def _parts(state: Path, binaries: Mapping[str, str], ports: Mapping[str, int], password: str, token: str) -> list[Part]:
    return [
        postgres.part(state / "postgres", ports["postgres"], password),
        _python_part("postgres", state, ports["rds"], after=("postgres",), name="rds"),
        *control_plane.parts(state / "kubernetes", binaries, ports, token),
        _python_part("aws", state, ports["provider-aws"], after=("postgres",)),
        # These parts load their modules while the API server starts, and then wait for it themselves.
        _python_part("providers", state, ports["provider-kubernetes"], after=("aws",), uses=("kube-apiserver",)),
        _python_part("node", state, ports["kubelet"], after=("aws",), uses=("kube-apiserver",)),
    ]


def _python_part(
    module: str, state: Path, port: int, *, after: tuple[str, ...], uses: tuple[str, ...] = (), name: str = ""
) -> Part:
    return Part(
        name=name or module,
        argv=[sys.executable, "-m", f"localcloud.{module}", str(state)],
        env={"PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        ready=listens(port),
        is_stopping=refuses(port),
        after=after,
        uses=uses,
    )
