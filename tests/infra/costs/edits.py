"""Changes of the planned resources of a stack, for tests of costs."""

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import replace
from typing import Any

from infra.resources.resource import Resource

AUTOSCALER = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"
DATABASE = "aws:rds/instance:Instance"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer"


def changed(resources: Iterable[Resource], type_: str, **values: Any) -> list[Resource]:
    """Return the resources with other properties of all resources of a type."""
    return [
        replace(each, properties={**each.properties, **values}) if each.type == type_ else each for each in resources
    ]


def specified(resources: Iterable[Resource], type_: str, **values: Any) -> list[Resource]:
    """Return the resources with other values in the spec of all Kubernetes objects of a type."""
    return [
        replace(each, properties={**each.properties, "spec": {**each.properties["spec"], **values}})
        if each.type == type_
        else each
        for each in resources
    ]


def requesting(resources: Iterable[Resource], **requests: str) -> list[Resource]:
    """Return the resources with other requests of the first container of each Deployment."""
    found = []
    for each in resources:
        if each.type == DEPLOYMENT:
            template = deepcopy(each.properties["spec"]["template"])
            template["spec"]["containers"][0]["resources"]["requests"].update(requests)
            found += specified([each], DEPLOYMENT, template=template)
        else:
            found.append(each)
    return found
