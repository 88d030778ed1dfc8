"""Validates objects as the API server of Kubernetes does, but without one, for clusters that do not exist yet."""

from dataclasses import replace

from localcloud.kubernetes.reference import Manifest
from localcloud.kubernetes.validation.problem import Problem
from localcloud.kubernetes.validation.schemas import removed, schema_of
from localcloud.protocol.values import UNKNOWN, is_unknown


def refusal(manifest: Manifest) -> str:
    """Return the API server's refusal of an object; "" if it would accept it, or if its kind is not known here.

    Values that are unknown in a preview are accepted.
    """
    # Imported with the first object, not with the policy pack, because the engine waits until that has started.
    from localcloud.kubernetes.validation.validator import problems  # noqa: PLC0415

    api_version, kind = manifest["apiVersion"], manifest["kind"]
    if is_unknown([api_version, kind]):
        return ""
    schema = schema_of(api_version, kind)
    if schema is None:
        return f'no matches for kind "{kind}" in version "{api_version}"' if removed(api_version, kind) else ""
    found = "; ".join(_text(problem, kind) for problem in problems(schema, manifest))
    return f"{_subject(manifest)} is invalid: {found}" if found else ""


def _text(problem: Problem, kind: str) -> str:
    """Return the text of a problem, without the values of a Secret."""
    is_secret = kind == "Secret" and problem.path[:1] in (("data",), ("stringData",))
    return str(replace(problem, text="Invalid value") if is_secret else problem)


def _subject(manifest: Manifest) -> str:
    kind, group = manifest["kind"], manifest["apiVersion"].rpartition("/")[0]
    metadata = manifest.get("metadata")
    name = metadata.get("name", UNKNOWN) if isinstance(metadata, dict) else UNKNOWN
    return (f"{kind}.{group}" if group else kind) + ("" if name == UNKNOWN else f' "{name}"')
