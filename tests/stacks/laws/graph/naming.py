"""Names in the account: no two stacks use the same, and few are fixed."""

import re
from collections.abc import Iterator

from tests.stacks.laws.graph.law import Break
from tests.support.edits import option, put, without
from tests.support.sdk import inputs_of
from tests.support.worlds import World

PHYSICAL = re.compile(r"(name|identifier|bucket|\w+Identifier|\w*[nN]amePrefix|identifierPrefix|bucketPrefix)")
"""Inputs of all types with the name of a resource in the account, or its prefix."""
NOT_ITS_OWN = {"caCertIdentifier", "snapshotIdentifier", "sourceDbInstanceIdentifier"}
"""Inputs that name another resource."""
DOMAIN = "aws:route53/record:Record"
FIXED = {
    "aws:eks/cluster:Cluster": "people and kubeconfigs use it",
    "aws:rds/instance:Instance": "people and runbooks use it",
    "aws:ecr/repository:Repository": "it is in references of images",
    "aws:cloudwatch/logGroup:LogGroup": "EKS, RDS and WAF look for it",
    "aws:route53/record:Record": "clients use it",
}
"""Type -> why its name is fixed. Pulumi names all others, so that a replacement can be created first.

The property with the name must match PHYSICAL.
"""


def _names(world: World) -> Iterator[tuple[str, str, str, str]]:
    """Yield type, resource, input and value of each name that the program sets, without references."""
    owned = {text for each in world.recording.resources.values() for text in each.identities}
    for resource in world.recording.resources.values():
        for name in sorted(filter(PHYSICAL.fullmatch, inputs_of(resource.type) - NOT_ITS_OWN)):
            value = resource.inputs.get(name)
            if isinstance(value, str) and (value not in owned or value in resource.identities):
                yield resource.type, resource.name, name, value


def every_name_has_its_stack(world: World) -> Iterator[str]:
    """Names contain the stack, so that stacks in one account and region do not collide, nor global names anywhere."""
    for type_, resource, name, value in _names(world):
        if type_ == DOMAIN:  # unique in DNS, and given by the settings
            continue
        # WAF requires this prefix of a log group.
        own = value.removeprefix("aws-waf-logs-")
        if not re.search(rf"(?<![a-z0-9-])drydock-{world.name}(?![a-z0-9])", own):
            yield f"{resource}: {name} {value} does not name the stack"


def few_names_are_fixed(world: World) -> Iterator[str]:
    """A fixed name prevents a replacement, and a new deployment while AWS keeps the deleted resource."""
    for type_, resource, name, _value in _names(world):
        if type_ not in FIXED:
            yield f"{resource} ({type_}): {name} is fixed; leave it out, or add the type to FIXED in {__name__}"


def descriptions_tell_one_from_another(world: World) -> Iterator[str]:
    """Descriptions identify the resource in the console."""
    seen: dict[tuple[str, str], str] = {}
    for type_ in ("aws:kms/key:Key", "aws:ec2/securityGroup:SecurityGroup", "aws:secretsmanager/secret:Secret"):
        for resource in world.all(type_):
            text = str(resource.inputs.get("description", ""))
            if len(text.split()) < 3:
                yield f"{resource.name}: description {text!r} says too little"
            elif other := seen.get((type_, text)):
                yield f"{resource.name}: has the description of {other}"
            seen[type_, text] = resource.name


CONTENT = re.compile(r".+-[0-9a-f]{10}")
"""Names of Kubernetes objects with a digest of their content."""


def names_of_content_can_be_used_again(world: World) -> Iterator[str]:
    """After a failed release, a rollback needs the object of the previous release, which Pulumi has yet to delete.

    Pulumi creates an object before it deletes the replaced one. If they have the same name, it deletes the one in use.
    """
    for resource in world.recording.resources.values():
        name = (resource.inputs.get("metadata") or {}).get("name") or ""
        kept = resource.retain_on_delete or resource.delete_before_replace
        if resource.type.startswith("kubernetes:") and CONTENT.fullmatch(name) and not kept:
            yield f"{resource.name}: {name} would be deleted after a rollback"


LAWS = [
    every_name_has_its_stack,
    few_names_are_fixed,
    descriptions_tell_one_from_another,
    names_of_content_can_be_used_again,
]

_KEY, _GROUP = "Key:database-storage", "SecurityGroup:network-endpoints"
BREAKS = [
    *(
        Break(
            name=f"{key} is deleted after its replacement",
            edit=option(key, retain_on_delete=False, delete_before_replace=False),
            law=names_of_content_can_be_used_again,
            says=f"{key.partition(':')[2]}: api-",
        )
        for key in (
            "ConfigMap:workload-config",
            "SecretProviderClass:workload-migration-secrets",
            "Job:workload-migration",
        )
    ),
    *(
        Break(
            name=f"{key} is {value} in every stack",
            edit=put(key, name, value=value),
            law=every_name_has_its_stack,
            says=f"{key.partition(':')[2]}: {name} {value} does not",
        )
        for key, name, value in [
            ("Instance:database-instance", "identifier", "drydock"),
            ("Instance:database-instance", "identifier", "drydock-production"),
            ("Instance:database-instance", "finalSnapshotIdentifier", "final"),
            ("LogGroup:cluster-logs", "name", "/aws/eks/drydock/cluster"),
        ]
    ),
    *(
        Break(
            name=f"{key} has a fixed {name}",
            edit=put(key, name, value=value),
            law=few_names_are_fixed,
            says=f"{key.partition(':')[2]} (",
        )
        for key, name, value in [
            ("Queue:jobs-queue", "name", "drydock-prod-jobs"),
            ("Bucket:network-flow-logs", "bucket", "drydock-prod-flow-logs"),
            ("Role:cluster-node", "name", "drydock-prod-node"),
        ]
    ),
    *(
        Break(name=name, edit=edit, law=descriptions_tell_one_from_another, says=says)
        for name, edit, says in [
            ("a key without a description", without(_KEY, "description"), "database-storage: description ''"),
            ("a key of one word", put(_KEY, "description", value="Storage"), "database-storage: description"),
            (
                "two groups with one description",
                put(_GROUP, "description", value="PostgreSQL from the cluster"),
                "has the description of",
            ),
        ]
    ),
]
