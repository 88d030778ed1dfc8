"""Run checkov and kube-linter on rendered resources, offline.

checkov is installed by `make compare`; kube-linter is found on PATH, because no package registry has it.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from infra.resources.resource import Resource
from tests.infra.policy.scanners.kubernetes import manifests
from tests.infra.policy.scanners.terraform import plan
from tests.support.builders import ROOT

CHECKOV = ROOT / ".checkov" / "bin" / "checkov"
MANIFESTS, PLAN = "manifests.yaml", "plan.json"
CUSTOM = ("kubernetes:eks.amazonaws.com/", "kubernetes:karpenter.sh/", "kubernetes:secrets-store.csi.x-k8s.io/")
"""Starts of the types of custom resources, which kube-linter cannot read and has no checks for."""


@dataclass(frozen=True, kw_only=True, order=True)
class Finding:
    """A failed check of one resource."""

    check: str
    """Id of checkov, such as `CKV_AWS_17`, or name of kube-linter, such as `no-anti-affinity`."""
    resource: str
    """Address in Terraform, or kind and name of a Kubernetes object: `aws_db_instance.database`, `Deployment api`."""
    message: str


def checkov(resources: Sequence[Resource], folder: Path) -> list[Finding]:
    """Return what checkov finds. Skips the test if it is not installed, and fails if it did not read all resources."""
    if not CHECKOV.exists():
        pytest.skip("checkov is not installed; install it, and compare, with: make compare")
    (folder / PLAN).write_text(json.dumps(plan(resources), indent=1))
    (folder / MANIFESTS).write_text(manifests(resources))
    options = ["--framework", "terraform_plan", "kubernetes", "--output", "json", "--compact", "--skip-download"]
    reports = _json([CHECKOV, "--directory", ".", *options], folder)
    found = [each for report in reports for each in report["results"]["failed_checks"]]
    read = {report["check_type"]: report["summary"] for report in reports}
    assert [each["parsing_errors"] for each in read.values()] == [0, 0]
    assert read["terraform_plan"]["resource_count"] == sum(each.type.startswith("aws:") for each in resources)
    return sorted(
        {
            Finding(check=each["check_id"], resource=_kind(each["resource"]), message=each["check_name"])
            for each in found
        }
    )


def kube_linter(resources: Sequence[Resource], folder: Path) -> list[Finding]:
    """Return what all checks of kube-linter find. Skips the test if it is not on PATH."""
    if shutil.which("kube-linter") is None:
        pytest.skip("kube-linter is not on PATH; install it from https://docs.kubelinter.io")
    (folder / MANIFESTS).write_text(manifests([each for each in resources if not each.type.startswith(CUSTOM)]))
    options = ["--add-all-built-in", "--fail-if-no-objects-found", "--fail-on-invalid-resource", "--format", "json"]
    [report] = _json(["kube-linter", "lint", *options, MANIFESTS], folder)
    objects = [(each, each["Object"]["K8sObject"]) for each in report["Reports"] or []]
    return sorted(
        {
            Finding(
                check=each["Check"],
                resource=f"{object_['GroupVersionKind']['Kind']} {object_['Name']}",
                message=each["Diagnostic"]["Message"],
            )
            for each, object_ in objects
        }
    )


def _json(command: Sequence[str | Path], folder: Path) -> list[dict[str, Any]]:
    # No key of an account, no configuration of the user, and no question for a later version.
    own = {"PATH": os.environ["PATH"], "HOME": str(folder), "CKV_SKIP_PACKAGE_UPDATE_CHECK": "true"}
    done = subprocess.run(command, cwd=folder, env=own, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr  # 1: it found something
    report = json.loads(done.stdout)
    return report if isinstance(report, list) else [report]


def _kind(resource: str) -> str:
    """Return the kind and the name of `Deployment.drydock.api (container 0)`; an address is returned as it is."""
    kind, _, name = resource.partition(" ")[0].partition(".")
    return resource if kind.startswith("aws_") else f"{kind} {name.partition('.')[2]}"
