"""Lists the resources left in an account: those in moto's backends that a new account does not have."""

from collections.abc import Iterator
from typing import Any

Item = tuple[str, str, str]
# Services whose backends are created before any resource, so that the content of a new account is known.
SERVICES = ("ec2", "iam", "kms", "s3", "sts", "eks", "rds", "ecr", "logs", "secretsmanager", "sqs", "sns", "cloudwatch")
# moto creates the backend of this region to find the URLs of a service.
ROUTING_REGION = "us-east-1"
_GONE_STATES = {"deleted", "deleting", "terminated", "PendingDeletion", "disassociated"}
_KEPT_KINDS = {"DBSnapshot", "DBClusterSnapshot"}
GIVEN_ZONE = "There before the program, as a domain on AWS is."
"""Comment of a hosted zone that exists before the program. It is not counted, but its records are."""
GIVEN_ROLE = "There before the program, as on AWS."
"""Description of a role that exists before the program. It is not counted."""
_IDS = ("arn", "id", "name", "resource_id")


def fresh(account_id: str, region: str) -> set[Item]:
    """Create the backends of a region, and return the resources of a new account."""
    from moto.backends import get_backend  # noqa: PLC0415 - slow to load, and only the server needs it

    for service in SERVICES:
        regions = get_backend(service)[account_id]
        for name in {region, ROUTING_REGION} if region in regions.regions else {"aws"}:
            regions[name]
    return set(_walk(account_id))


def left(account_id: str, baseline: set[Item]) -> list[dict[str, Any]]:
    """Return the resources of the account that are not in the baseline.

    Final snapshots and their keys, which are kept on purpose, are marked with `kept`.
    """
    items = sorted(set(_walk(account_id)) - baseline)
    keys = keys_of_snapshots(account_id)
    return [
        {"service": service, "kind": kind, "id": id_}
        | ({"kept": True} if kind in _KEPT_KINDS or (kind == "Key" and id_ in keys) else {})
        for service, kind, id_ in items
    ]


def keys_of_snapshots(account_id: str) -> set[str]:
    """Return the ARNs of the keys that encrypt snapshots."""
    from moto.rds.models import rds_backends  # noqa: PLC0415

    if account_id not in rds_backends:
        return set()
    return {
        str(snapshot.kms_key_id)
        for backend in rds_backends[account_id].values()
        for snapshot in backend.database_snapshots.values()
        if snapshot.kms_key_id
    }


def _walk(account_id: str) -> Iterator[Item]:
    from moto.core.base_backend import BackendDict  # noqa: PLC0415

    for services in list(BackendDict._instances):
        for account, _region, backend in list(services.iter_backends()):
            if account == account_id:
                found = _models(list(vars(backend).values()))
                vpcs = set(getattr(backend, "vpcs", ()))
                own = [model for model in found if not _went_with_vpc(model, vpcs)]
                yield from (_item(services.service_name, each) for model in own for each in _counted(model))


def _counted(model: Any) -> list[Any]:
    """Return the items to count for a model: nothing if it existed before the program, otherwise the model.

    For a hosted zone that existed before the program, return its records except NS and SOA. The name servers of a zone
    are not counted.
    """
    if type(model).__name__ == "DelegationSet" or getattr(model, "description", None) == GIVEN_ROLE:
        return []
    if getattr(model, "comment", None) != GIVEN_ZONE:
        return [model]
    return [record for record in model.rrsets if record.type not in ("NS", "SOA")]


def _models(holders: list[Any]) -> Iterator[Any]:
    """Yield the models in the containers of a backend, without models inside of a model, which are deleted with it."""
    from moto.core.common_models import BaseModel  # noqa: PLC0415

    seen: set[int] = set()
    todo = list(holders)
    while todo:
        value = todo.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, dict):
            todo.extend(value.values())
        elif isinstance(value, list | set | tuple):
            todo.extend(value)
        elif type(value).__name__ == "AWSManagedPolicy":
            continue  # each account has all of them, more than all other models of most accounts
        elif _is_model(value, BaseModel):
            if not _is_gone(value):
                yield value
        elif (
            type(value).__module__.startswith("moto.")
            and hasattr(value, "__dict__")
            and "Backend" not in repr(type(value))
        ):
            todo.extend(vars(value).values())


def _is_model(value: Any, base: type) -> bool:
    # EKS's models are plain classes.
    return isinstance(value, base) or (type(value).__module__ == "moto.eks.models" and hasattr(value, "arn"))


def _is_gone(model: Any) -> bool:
    if type(model).__name__ == "AssumedRole" or str(getattr(model, "access_key_id", "")).startswith("ASIA"):
        return True  # sessions and their keys expire, and no operation lists them
    states = (getattr(model, name, None) for name in ("state", "status", "key_state", "_state"))
    # RDS creates the default group of an engine for the first instance that uses it, and never deletes it.
    if type(model).__name__ == "DBParameterGroup" and model.name.startswith("default."):
        return True
    gone = any(isinstance(state, str) and state in _GONE_STATES for state in states)
    instance = getattr(getattr(model, "_state", None), "name", None)
    return gone or instance in _GONE_STATES or bool(getattr(model, "deleted_date", None))


def _went_with_vpc(model: Any, vpcs: set[str]) -> bool:
    """Return whether a model is the network ACL of a deleted VPC. AWS deletes it with the VPC, but moto keeps it."""
    return type(model).__name__ == "NetworkAcl" and model.vpc_id not in vpcs


def _item(service: str, model: Any) -> Item:
    return service, type(model).__name__, _id(model)


def _id(model: Any) -> str:
    for name in _IDS:
        value = getattr(model, name, None)
        if isinstance(value, str) and value:
            return value
    return type(model).__name__
