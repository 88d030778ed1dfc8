"""Everything that can be encrypted is, at rest and in transit."""

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.stacks.laws.graph.law import Break
from tests.support.edits import both, drop, option, put, without
from tests.support.recorder import Recorded, texts
from tests.support.sdk import inputs_of
from tests.support.worlds import World

KEY, BUCKET, QUEUE = "aws:kms/key:Key", "aws:s3/bucket:Bucket", "aws:sqs/queue:Queue"
AT_REST = re.compile(r"\w*kms\w*key(id|arn)?|\w*encrypt\w*", re.I)
"""Inputs of all types for encryption and its key."""
NEEDED_WITH = {
    "performanceInsightsKmsKeyId": "performanceInsightsEnabled",
    "masterUserSecretKmsKeyId": "manageMasterUserPassword",
}
"""Input -> the switch that makes it necessary."""
ELSEWHERE = {
    (BUCKET, "serverSideEncryptionConfiguration"): (
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "bucket",
        "rules",
    )
}
"""Input -> the resource that has it instead: type, input that names the first resource, and input."""
NODE_CLASS = "kubernetes:eks.amazonaws.com/v1:NodeClass"
KEY_OF_AWS = {
    # A customer managed key needs a policy for the delivery of logs; flow logs do not contain the transferred data.
    (BUCKET, "serverSideEncryptionConfiguration"): "AES256",
    # Without a key, CloudWatch encrypts each log group with its own key.
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    ("aws:cloudwatch/logGroup:LogGroup", "kmsKeyId"): None,
}
"""Input -> its value with AWS's own key. All other inputs need a customer managed key."""


def _at_rest(world: World) -> Iterator[tuple[Recorded, str, Any]]:
    """Yield resource, input and value of all inputs for encryption; the value is None if it is not set."""
    for resource in world.recording.resources.values():
        for name in sorted(filter(AT_REST.fullmatch, inputs_of(resource.type))):
            if elsewhere := ELSEWHERE.get((resource.type, name)):
                type_, field, input_ = elsewhere
                found = [each.inputs[input_] for each in world.all(type_) if each.inputs[field] == resource.id]
                yield resource, name, found or None
            elif name not in NEEDED_WITH or resource.inputs.get(NEEDED_WITH[name]):
                yield resource, name, resource.inputs.get(name)


def whatever_can_be_encrypted_is(world: World) -> Iterator[str]:
    """Every input for encryption that the SDK knows is set and on."""
    for resource, name, value in _at_rest(world):
        if not value and KEY_OF_AWS.get((resource.type, name), "") is not None:
            yield f"{resource.name}: {name} is {value}"


def whatever_is_encrypted_has_a_key_of_its_component(world: World) -> Iterator[str]:
    """Each component has its own customer managed keys, so access to its data gives no access to that of another."""
    for resource, name, value in _at_rest(world):
        if not value or value is True:
            continue
        words = set(texts(value))
        keys = [key for key in world.all(KEY) if key.identities & words]
        if not keys and KEY_OF_AWS.get((resource.type, name)) in words:
            continue
        if len(keys) != 1:
            yield f"{resource.name}: {name} has {len(keys)} keys of the customer"
        elif keys[0].parent != resource.parent:
            yield f"{resource.name}: {name} is the key of another component, {keys[0].name}"


def every_key_is_rotated_and_used(world: World) -> Iterator[str]:
    """Keys are rotated yearly and used, and have AWS's default policy, with which IAM alone decides on their use."""
    used = {text for _resource, _name, value in _at_rest(world) for text in texts(value)}
    used |= {text for each in world.all(NODE_CLASS) for text in texts(each.inputs["spec"]["ephemeralStorage"])}
    for key in world.all(KEY):
        if key.inputs.get("enableKeyRotation") is not True:
            yield f"{key.name} is not rotated"
        if not key.identities & used:
            yield f"{key.name} encrypts nothing"
        if surplus := set(key.inputs) - {"description", "enableKeyRotation", "deletionWindowInDays"}:
            yield f"{key.name} has {sorted(surplus)}"


def _refuses_plain_text(policy: str, service: str, resources: set[str]) -> bool:
    """Return whether a policy denies all requests for the resources without TLS."""
    for statement in json.loads(policy)["Statement"]:
        named = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
        if (
            (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", f"{service}:*")
            and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
            and set(named) == resources
        ):
            return True
    return False


def what_comes_over_the_network_comes_by_tls(world: World) -> Iterator[str]:
    """Buckets, queues and databases refuse connections without TLS; other services of AWS accept none anyway."""
    for type_, service, policy_type, field, parts in (
        (BUCKET, "s3", "aws:s3/bucketPolicy:BucketPolicy", "bucket", ("", "/*")),
        (QUEUE, "sqs", "aws:sqs/queuePolicy:QueuePolicy", "queueUrl", ("",)),
    ):
        for resource in world.all(type_):
            (arn,) = [text for text in resource.identities if text.startswith("arn:")]
            policies = [p.inputs["policy"] for p in world.all(policy_type) if p.inputs[field] in resource.identities]
            if [_refuses_plain_text(p, service, {arn + part for part in parts}) for p in policies] != [True]:
                yield f"{resource.name} takes requests without TLS"
    for instance in world.all("aws:rds/instance:Instance"):
        parameters = world.owner(instance.inputs["parameterGroupName"]).inputs["parameters"]
        if [p["value"] for p in parameters if p["name"] == "rds.force_ssl"] != ["1"]:
            yield f"{instance.name} takes connections without TLS"


LAWS = [
    whatever_can_be_encrypted_is,
    whatever_is_encrypted_has_a_key_of_its_component,
    every_key_is_rotated_and_used,
    what_comes_over_the_network_comes_by_tls,
]

_DATABASE, _REPOSITORY = "Instance:database-instance", "Repository:registry-repository"
_OWN_KEY, _TLS = whatever_is_encrypted_has_a_key_of_its_component, what_comes_over_the_network_comes_by_tls
_GOOD_KEY = {"description": "Nothing at all", "enableKeyRotation": True, "deletionWindowInDays": 30}
_BUCKET_RULE = ("rules", 0, "applyServerSideEncryptionByDefault", "sseAlgorithm")
BREAKS = [
    Break(
        name="the storage of the database is not encrypted",
        edit=put(_DATABASE, "storageEncrypted", value=False),
        law=whatever_can_be_encrypted_is,
        says="database-instance: storageEncrypted is False",
    ),
    *(
        Break(
            name=f"{key} has no {name}",
            edit=both(without(key, name), *more),
            law=whatever_can_be_encrypted_is,
            says=f"{key.partition(':')[2]}: {name} is None",
        )
        for key, name, more in [
            (_DATABASE, "performanceInsightsKmsKeyId", []),
            ("Cluster:cluster-eks", "encryptionConfig", [drop("Key:cluster-secrets")]),
            ("Queue:jobs-queue", "kmsMasterKeyId", []),
            (_DATABASE, "masterUserSecretKmsKeyId", [drop("Key:database-master")]),
            (_REPOSITORY, "encryptionConfigurations", [drop("Key:registry-images")]),
        ]
    ),
    Break(
        name="a topic, which no list of this program has",
        edit=option("Addon:cluster-metrics-server", type="aws:sns/topic:Topic"),
        law=whatever_can_be_encrypted_is,
        says="cluster-metrics-server: kmsMasterKeyId is None",
    ),
    Break(
        name="the bucket is not encrypted by the program",
        edit=drop("BucketServerSideEncryptionConfiguration:network-flow-logs"),
        law=whatever_can_be_encrypted_is,
        says="network-flow-logs: serverSideEncryptionConfiguration is None",
    ),
    Break(
        name="the master user's secret is encrypted with AWS's key",
        edit=both(put(_DATABASE, "masterUserSecretKmsKeyId", value="alias/x"), drop("Key:database-master")),
        law=_OWN_KEY,
        says="database-instance: masterUserSecretKmsKeyId has 0 keys",
    ),
    Break(
        name="the bucket is encrypted by another algorithm",
        edit=put("BucketServerSideEncryptionConfiguration:network-flow-logs", *_BUCKET_RULE, value="aws:kms"),
        law=_OWN_KEY,
        says="network-flow-logs: serverSideEncryptionConfiguration has 0 keys",
    ),
    Break(
        name="the database has the key of the registry",
        edit=option("Key:database-storage", parent="urn:pulumi:prod::drydock::drydock:registry:Registry::registry"),
        law=_OWN_KEY,
        says="database-instance: kmsKeyId is the key of another component, database-storage",
    ),
    *(
        Break(name=name, edit=edit, law=every_key_is_rotated_and_used, says=says)
        for name, edit, says in [
            ("a key stays the same", put("Key:jobs-key", "enableKeyRotation", value=False), "jobs-key is not rotated"),
            ("a key of everybody", put("Key:jobs-key", "policy", value="{}"), "jobs-key has ['policy']"),
            (
                "a key that nobody uses",
                option("Addon:cluster-metrics-server", type=KEY, protect=True, inputs=_GOOD_KEY),
                "cluster-metrics-server encrypts nothing",
            ),
        ]
    ),
    *(
        Break(name=name, edit=edit, law=_TLS, says=says)
        for name, edit, says in [
            ("no queue policy", drop("QueuePolicy:jobs-queue"), "jobs-queue takes"),
            (
                "a queue policy for one action",
                put("QueuePolicy:jobs-dead-letters", "policy", "Statement", 0, "Action", value="sqs:SendMessage"),
                "jobs-dead-letters takes",
            ),
            (
                "a queue policy for another queue",
                put("QueuePolicy:jobs-queue", "policy", "Statement", 0, "Resource", value="arn:aws:sqs:::other"),
                "jobs-queue takes",
            ),
            (
                "a bucket policy for the bucket without its objects",
                put("BucketPolicy:network-flow-logs", "policy", "Statement", 0, "Resource", value="arn:aws:s3:::x"),
                "network-flow-logs takes",
            ),
            (
                "TLS by choice",
                put("ParameterGroup:database-parameters", "parameters", 0, "value", value="0"),
                "database-instance takes",
            ),
        ]
    ),
]
