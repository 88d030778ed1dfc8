"""Nodes that are replaced."""

from tests.infra.review.built import UNKNOWN
from tests.infra.review.hazards.cases.made import (
    CLASS,
    CLUSTER,
    POOL,
    Case,
    created,
    deleted,
    pool,
    updated,
)

CASES: dict[str, Case] = {
    "another template of a node pool": updated(
        POOL,
        pool(),
        pool(template={"spec": {"expireAfter": "24h"}}),
        ("node-roll", "nodes are replaced because spec.template changes"),
    ),
    "requirements in another order": updated(
        POOL,
        pool(template={"spec": {"requirements": [{"key": "a", "values": ["1", "2"]}, {"values": ["3"], "key": "b"}]}}),
        pool(template={"spec": {"requirements": [{"key": "b", "values": ["3"]}, {"key": "a", "values": ["2", "1"]}]}}),
    ),
    "another value of a requirement": updated(
        POOL,
        pool(template={"spec": {"requirements": [{"key": "a", "values": ["1", "2"]}]}}),
        pool(template={"spec": {"requirements": [{"key": "a", "values": ["1"]}]}}),
        ("node-roll", "nodes are replaced because spec.template changes"),
    ),
    "another limit of a node pool": updated(POOL, pool(), pool(limits={"cpu": 16})),
    "another role of a node class": updated(
        CLASS,
        {"spec": {"role": "a"}},
        {"spec": {"role": "b"}},
        ("node-roll", "nodes are replaced because spec changes"),
    ),
    "another label of a node class": updated(
        CLASS, {"metadata": {"labels": {"a": "1"}}, "spec": {}}, {"metadata": {"labels": {"a": "2"}}, "spec": {}}
    ),
    "a node class that is not known": updated(CLASS, {"spec": {"role": "a"}}, {"spec": UNKNOWN}),
    "a node pool is deleted": deleted(POOL, pool(), ("node-roll", "its delete removes the nodes that it stands for")),
    "a node pool is created": created(POOL, pool()),
    "an upgrade of the cluster": updated(
        CLUSTER, {"version": "1.34"}, {"version": "1.35"}, ("node-roll", "nodes are replaced because version changes")
    ),
    "another node role": updated(
        CLUSTER,
        {"computeConfig": {"nodeRoleArn": "a"}},
        {"computeConfig": {"nodeRoleArn": "b"}},
        ("node-roll", "nodes are replaced because computeConfig.nodeRoleArn changes"),
    ),
    "another image of a launch template": updated(
        "aws:ec2/launchTemplate:LaunchTemplate",
        {"imageId": "ami-1"},
        {"imageId": "ami-2"},
        ("node-roll", "nodes are replaced because imageId changes"),
    ),
    "another description of a launch template": updated(
        "aws:ec2/launchTemplate:LaunchTemplate", {"description": "a"}, {"description": "b"}
    ),
}
