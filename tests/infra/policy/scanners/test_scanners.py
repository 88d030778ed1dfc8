"""Every finding of checkov and kube-linter is decided against, or a rule that it is an anchor of is relaxed."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from infra.resources.resource import Resource
from tests.infra.policy.scanners.decided import decisions, is_of_checkov, relaxed
from tests.infra.policy.scanners.run import Finding, checkov, kube_linter
from tests.support.planned import planned_stack
from tests.support.worlds import STACKS

ON_AWS = [stack for stack in STACKS if stack != "local"]
Scanner = Callable[[Sequence[Resource], Path], list[Finding]]
BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
POD = ("spec", "template", "spec")
CONTEXT = (*POD, "containers", 0, "securityContext")
ANYTHING = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
# Type and name of a resource of prod, path of a property, its value -> checks that must find it.
BROKEN: list[tuple[str, str, tuple[str | int, ...], Any, set[str]]] = [
    ("aws:rds/instance:Instance", "database-instance", ("publiclyAccessible",), True, {"CKV_AWS_17"}),
    ("aws:rds/instance:Instance", "database-instance", ("storageEncrypted",), False, {"CKV_AWS_16"}),
    ("aws:eks/cluster:Cluster", "cluster-eks", ("vpcConfig", "endpointPublicAccess"), True, {"CKV_AWS_39"}),
    (BLOCK, "edge-access-logs", ("blockPublicAcls",), False, {"CKV_AWS_53", "CKV2_AWS_6"}),
    ("aws:iam/rolePolicy:RolePolicy", "jobs-worker", ("policy",), ANYTHING, {"CKV_AWS_355"}),
    (DEPLOYMENT, "workload-deployment", (*CONTEXT, "privileged"), True, {"CKV_K8S_16", "privileged-container"}),
    (DEPLOYMENT, "workload-deployment", (*POD, "hostNetwork"), True, {"CKV_K8S_19", "host-network"}),
    (
        DEPLOYMENT,
        "workload-worker",
        (*CONTEXT, "readOnlyRootFilesystem"),
        False,
        {"CKV_K8S_22", "no-read-only-root-fs"},
    ),
]


@pytest.mark.parametrize("scanner", [checkov, kube_linter])
def test_every_finding_is_decided(scanner: Scanner) -> None:
    """To mend a failure: change the component, relax a rule in levels.py, or add the finding to decided.toml."""
    found = {stack: _found(scanner, stack) for stack in ON_AWS}
    open_ = {stack: [each for each in own if not relaxed(each.check, stack)] for stack, own in found.items()}
    unused = [
        (check, pattern)
        for one in decisions()
        for check in one.checks
        for pattern in one.resources
        if is_of_checkov(check) == (scanner is checkov)
        and not any(one.covers(each, pattern) for own in open_.values() for each in own if each.check == check)
    ]

    undecided = [
        (stack, each)
        for stack, own in open_.items()
        for each in own
        if not any(one.covers(each) for one in decisions())
    ]

    assert undecided == []
    assert unused == []
    assert all(found.values())


@pytest.mark.parametrize("scanner", [checkov, kube_linter])
def test_mistakes_are_found(scanner: Scanner, tmp_path: Path) -> None:
    """The scanners see what is rendered: each mistake in prod is a finding that prod does not have."""
    resources = {(each.type, each.name): each for each in planned_stack("prod")}
    for type_, name, path, value, _ in BROKEN:
        resource = resources[type_, name]
        resources[type_, name] = replace(resource, properties=_but(resource.properties, path, value))
    before = {each.check for each in _found(scanner, "prod")}
    found = {each.check for each in scanner(list(resources.values()), tmp_path)}
    expected = {check for *_, checks in BROKEN for check in checks if is_of_checkov(check) == (scanner is checkov)}

    assert expected - found == set()
    assert expected & before == set()


@cache
def _found(scanner: Scanner, stack: str) -> list[Finding]:
    with TemporaryDirectory() as folder:
        return scanner(planned_stack(stack), Path(folder))


def _but(value: Any, path: Sequence[str | int], new: Any) -> Any:
    """Return a copy with another value at a path."""
    copied: Any = list(value) if isinstance(value, list) else dict(value)
    copied[path[0]] = _but(copied[path[0]], path[1:], new) if path[1:] else new
    return copied
