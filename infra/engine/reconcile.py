"""Make the account of a local cloud and the engine's state agree after any process was killed at any moment.

The state is authoritative. The account undoes each operation that is not in the state, and the state removes what the
account has lost. Comparing revisions finds both: see `localcloud.aws.history`. A resource with
`retain_on_delete` leaves the state and stays in the account, so it is kept in a list of its own.
"""

from pathlib import Path
from typing import Any

from pulumi import automation

from infra.engine import checkpoint, unanswered
from infra.engine.loopback import ask
from infra.engine.unanswered import Unanswered
from infra.errors import CorruptStateError
from localcloud.cloud import Cloud
from localcloud.files import read_json, write_json
from localcloud.kubernetes.reference import reference_of

REVISION = "__revision"
"""Output of the aws stand-in with the operation that last changed a resource."""
RETAINED_FILE = "retained.json"
"""The resources that a state has, or had, with `retain_on_delete`: a list of URN, id and revision each."""


def reconcile(stack: automation.Stack, cloud: Cloud, state: Path) -> list[str]:
    """Compare the account with the state, undo or forget what only one of them has, and return messages.

    Args:
        stack: the stack of the state.
        cloud: the local cloud of the stack.
        state: the folder of that cloud, with the notes of the last command.

    Raises:
        CorruptStateError: the state is empty, but the account has deployed resources.
    """
    deployment = checkpoint.deployment(state, stack.name)
    resources: list[dict[str, Any]] = deployment.get("resources") or []
    known = known_revisions(resources)
    in_state = set(map(_key, known))
    retained = [entry for entry in _may_stay(state, resources) if _key(entry) not in in_state]
    if not resources:
        _require_empty(stack.name, cloud, retained)
    answer: dict[str, list[dict[str, str]]] = ask(
        f"{cloud.aws_endpoint}/drydock/reconcile", {"known": [*known, *retained]}
    )
    lost = unanswered.load(state, deployment.get("pending_operations") or [])
    deleted = _delete_unknown(cloud, resources, lost)
    marked = unanswered.mark(resources, lost)
    if deployment.get("pending_operations") or marked:
        _import(stack, lost)
    unanswered.forget(state)
    missing = [entry for entry in answer["missing"] if _key(entry) in in_state]
    if missing:
        stack.refresh(target=sorted({entry["urn"] for entry in missing}))
    return [
        *(f"undid the {entry['op']} of {_named(entry)}: it is not in the state" for entry in answer["undone"]),
        *(f"deleted {name}: it is not in the state" for name in deleted),
        *(f"will apply {urn.rpartition('::')[2]} again: the response to its last change was lost" for urn in marked),
        *(f"refreshed {_named(entry)}: the account is older than the state" for entry in missing),
    ]


def _import(stack: automation.Stack, lost: list[Unanswered]) -> None:
    """Remove pending operations from the state, and mark those whose response was lost."""
    exported = stack.export_stack()
    deployment = {**(exported.deployment or {}), "pending_operations": []}
    unanswered.mark(deployment.get("resources") or [], lost)
    stack.import_stack(automation.Deployment(version=exported.version, deployment=deployment))


def known_revisions(resources: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Return URN, id and revision of each AWS resource in a state."""
    return [
        {
            "urn": resource["urn"],
            "id": resource["id"],
            "revision": str((resource.get("outputs") or {}).get(REVISION) or ""),
        }
        for resource in resources
        # A resource pending replacement was deleted; only its entry in the state is kept.
        if resource["type"].startswith("aws:") and resource.get("id") and not resource.get("pendingReplacement")
    ]


def _may_stay(state: Path, resources: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Return resources that a deletion leaves in the account: add those of this state to the list in the folder."""
    noted: list[dict[str, str]] = read_json(state / RETAINED_FILE) or []
    found = known_revisions([resource for resource in resources if resource.get("retainOnDelete")])
    merged = list({_key(entry): entry for entry in [*noted, *found]}.values())
    if merged != noted:
        write_json(state / RETAINED_FILE, merged)
    return merged


def _key(entry: dict[str, str]) -> tuple[str, str]:
    return entry["urn"], entry["id"]


def _delete_unknown(cloud: Cloud, resources: list[dict[str, Any]], lost: list[Unanswered]) -> list[str]:
    """Delete the Kubernetes objects that were created but are not in the state, and return their names."""
    known = {(resource["urn"], resource.get("id")) for resource in resources}
    references = [(operation.urn, reference_of(operation.inputs)) for operation in lost if operation.creates]
    unknown = [reference for urn, reference in references if (urn, reference.id) not in known]
    if not unknown:
        return []
    from localcloud.kubernetes.own import delete_own  # noqa: PLC0415 - a Kubernetes client that few commands need

    return [str(reference) for reference in unknown if delete_own(cloud, reference)]


def _require_empty(name: str, cloud: Cloud, retained: list[dict[str, str]]) -> None:
    kept = set(map(_key, retained))
    ledger = [entry for entry in ask(f"{cloud.aws_endpoint}/drydock/ledger") if _key(entry) not in kept]
    if ledger:
        raise CorruptStateError(
            f"the state of {name} is empty, but its account has {len(ledger)} resources; restore the state "
            f"file, or delete the stack with its data: drydock down {name}"
        )


def _named(entry: dict[str, str]) -> str:
    _, _, type_and_name = entry["urn"].split("::", 2)
    return f"{type_and_name.rpartition('$')[2].replace('::', ' ')} ({entry['id']})"
