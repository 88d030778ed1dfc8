"""What a change of inputs means for an object: nothing, an update, or a replacement."""

from localcloud.kubernetes.inputs import annotation, at, is_autonamed, manifest_of
from localcloud.providers.servicer import Change
from localcloud.providers.values import Properties

Path = tuple[str, ...]

REPLACE_UNREADY = "pulumi.com/replaceUnready"
# What the API server refuses to change in place, and what the kubernetes provider replaces all the same.
IMMUTABLE: dict[str, tuple[Path, ...]] = {
    "ClusterRoleBinding": (("roleRef",),),
    "DaemonSet": (("spec", "selector"),),
    "Deployment": (("spec", "selector"),),
    "IngressClass": (("spec", "controller"),),
    "Job": (
        ("spec", "backoffLimitPerIndex"),
        ("spec", "completionMode"),
        ("spec", "completions"),
        ("spec", "parallelism"),
        ("spec", "podFailurePolicy"),
        ("spec", "selector"),
        ("spec", "successPolicy"),
        ("spec", "template"),
    ),
    "PersistentVolumeClaim": (("spec",),),
    "Pod": (("spec",),),
    "PriorityClass": (("value",), ("preemptionPolicy",)),
    "ReplicaSet": (("spec", "selector"),),
    "ResourceQuota": (("spec", "scopes"),),
    "RoleBinding": (("roleRef",),),
    "Secret": (("type",),),
    "Service": (("spec", "clusterIP"),),
    "StatefulSet": (
        ("spec", "podManagementPolicy"),
        ("spec", "selector"),
        ("spec", "serviceName"),
        ("spec", "volumeClaimTemplates"),
    ),
    "StorageClass": (("parameters",), ("provisioner",), ("reclaimPolicy",), ("volumeBindingMode",)),
}
NAME: tuple[Path, ...] = (("metadata", "name"), ("metadata", "namespace"))
DATA: tuple[Path, ...] = (("data",), ("binaryData",), ("immutable",))


def compare(old: Properties, outputs: Properties, new: Properties, *, mutable_kinds: frozenset[str]) -> Change:
    """Compare previous inputs with new ones; what the API server filled in by itself plays no part.

    Args:
        old: inputs of last time, or as a refresh found them.
        outputs: the live object of last time.
        new: inputs that are wanted; may hold unknown values, which differ from all others.
        mutable_kinds: ConfigMap and Secret where their data may change in place. Elsewhere it is replaced, so that
            pods never run on a mixture of old and new.
    """
    before, after = manifest_of(old), manifest_of(new)
    changed = sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
    replaces = sorted({path[0] for path in _fixed(before, mutable_kinds) if at(before, path) != at(after, path)})
    if _group(before) != _group(after):
        replaces.append("apiVersion")
    if annotation(new, REPLACE_UNREADY) == "true" and _has_failed(outputs):
        changed, replaces = sorted({*changed, "status"}), [*replaces, "status"]
    same_name = all(at(before, path) == at(after, path) for path in NAME)
    return Change(
        changed=_as_given(changed, new),
        replaces=_as_given(replaces, new),
        delete_before_replace=same_name and not is_autonamed(new),
    )


def _fixed(manifest: Properties, mutable_kinds: frozenset[str]) -> tuple[Path, ...]:
    kind = manifest.get("kind", "")
    holds_data = kind in {"ConfigMap", "Secret"} and (kind not in mutable_kinds or manifest.get("immutable") is True)
    return (*NAME, *IMMUTABLE.get(kind, ()), *(DATA if holds_data else ()))


def _group(manifest: Properties) -> str:
    return str(manifest.get("apiVersion", "")).rpartition("/")[0]


def _has_failed(outputs: Properties) -> bool:
    conditions = (outputs.get("status") or {}).get("conditions") or []
    return any(condition.get("type") == "Failed" and condition.get("status") == "True" for condition in conditions)


def _as_given(keys: list[str], inputs: Properties) -> list[str]:
    """A Secret's keys under the property that the program wrote them to."""
    plain = "stringData" in inputs and "data" not in inputs
    return ["stringData" if plain and key == "data" else key for key in keys]
