"""Changes that delete data or a provider."""

from tests.infra.review.built import UNKNOWN, step
from tests.infra.review.hazards.cases.made import INSTANCE, LOST, PROVIDER, QUEUE, Case, deleted, replaced, updated

CASES: dict[str, Case] = {
    "a database is replaced": replaced(INSTANCE, "username", "a", "b", ("stateful-loss", LOST)),
    "a queue is deleted": deleted(QUEUE, {}, ("stateful-loss", "its delete loses the messages")),
    "a queue is deleted from the state only": deleted(QUEUE, {}, retain=True),
    "a database is replaced only if a value differs": replaced(INSTANCE, "kmsKeyId", "a", UNKNOWN),
    "a subnet is replaced": replaced("aws:ec2/subnet:Subnet", "cidrBlock", "10.0.0.0/24", "10.0.1.0/24"),
    "another class of a database": updated(
        INSTANCE, {"instanceClass": "db.m7g.large"}, {"instanceClass": "db.t4g.micro"}
    ),
    "a stateful replacement keeps the old resource": Case(
        step("replace", INSTANCE, "x", old={"username": "a"}, new={"username": "b"}, retain=(True, True)),
        [("stateful-loss", LOST)],
    ),
    "a database is replaced because of what it depends on": Case(
        step("replace", INSTANCE, "x", old={}, new={}), [("stateful-loss", LOST)]
    ),
    "a database is replaced also if a value is not known": Case(
        step(
            "replace",
            INSTANCE,
            "x",
            old={"username": "a", "kmsKeyId": "a", "port": 1},
            new={"username": "b", "kmsKeyId": UNKNOWN, "port": UNKNOWN},
            diff={"username": "update-replace", "kmsKeyId": "update-replace", "port": "update"},
        ),
        [("stateful-loss", LOST)],
    ),
    "a database is replaced only for a value that is not known": Case(
        step(
            "replace",
            INSTANCE,
            "x",
            old={"kmsKeyId": "a", "port": 1},
            new={"kmsKeyId": UNKNOWN, "port": 2},
            diff={"kmsKeyId": "update-replace", "port": "update"},
        ),
        [],
    ),
    "a protected database is deleted": deleted(
        INSTANCE,
        {"deletionProtection": True, "engineVersion": "18"},
        ("stateful-loss", "its delete loses the database"),
    ),
    "a provider is replaced": replaced(
        PROVIDER,
        "kubeconfig",
        "a",
        "b",
        ("provider-replace", "its replace concerns all resources that this provider manages"),
    ),
    "a provider is deleted": deleted(
        PROVIDER, {}, ("provider-replace", "its delete concerns all resources that this provider manages")
    ),
    "a provider is updated": updated(PROVIDER, {"kubeconfig": "a"}, {"kubeconfig": "b"}),
    "a provider with an unknown configuration": replaced(PROVIDER, "kubeconfig", "a", UNKNOWN),
}
