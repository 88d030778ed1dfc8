"""Known differences between the answers of the stand-in and those of Pulumi's own Kubernetes provider, with reasons.

docs/providers.md lists them for users. A difference that is missing here fails the tests, and so does one that is
listed but does not occur.
"""

from enum import Enum
from typing import Any

from localcloud.kubernetes.inputs import at, manifest_of
from localcloud.protocol.values import Properties, is_unknown
from tests.localcloud.kubernetes.real.changes import replaced


class Reason(Enum):
    """Why the inputs that Check returns differ."""

    EMPTY = """
        The real provider leaves out values that Kubernetes' Go types take for absent: [], {}, false, 0 and empty texts
        of some fields. The stand-in knows no Go types and keeps them. The API server makes the same object of both.
    """
    QUANTITY = """
        The real provider writes quantities as the API server does (0.5 becomes 500m); the stand-in keeps what was
        written. The API server makes the same object of both.
    """
    EKS = """
        The stand-in also refuses what EKS's load balancer controller refuses later, so that previews and rehearsals
        show it.
    """
    STRING_DATA = """
        The real provider turns stringData of a Secret into data in Check; the stand-in does when it applies. The engine
        keeps both encrypted.
    """
    UNKNOWN_SECRET = """
        With stringData and a value that a preview does not know, the real provider's preview shows that all data are
        replaced. The stand-in compares what is known. The deployment is the same.
    """
    UNKNOWN_NAMESPACE = """
        The real provider takes a namespace that a preview does not know yet for none, and shows `default` in its place.
        The stand-in keeps it unknown. The deployment is the same.
    """
    UNKNOWN_FIELD = """
        The real provider drops a field that the type does not have, silently. The stand-in has the API server refuse
        it, so that a typing mistake is reported.
    """
    TIMEOUT = """
        The stand-in refuses a timeout annotation that is no number in Check; the real provider ignores it.
    """


def reason_of(given: Properties, ours: Properties | str, theirs: Properties | str) -> Reason | None:
    """Return the reason for a difference between two answers to Check.

    Args:
        given: the inputs of the program.
        ours: the inputs that the stand-in returns, or its error.
        theirs: the same from the real provider.
    """
    if isinstance(ours, str) or isinstance(theirs, str):
        if isinstance(ours, str) and isinstance(theirs, dict):
            if "EKS would not create a load balancer for it" in ours:
                return Reason.EKS
            if "annotation pulumi.com/timeoutSeconds must be a whole number" in ours:
                return Reason.TIMEOUT
        return None
    if is_unknown(at(ours, ("metadata", "namespace"))) and at(theirs, ("metadata", "namespace")) == "default":
        same = replaced(ours, ("metadata", "namespace"), "default") == theirs
        return Reason.UNKNOWN_NAMESPACE if same else None
    if "stringData" in given and manifest_of(ours) == theirs:
        return Reason.STRING_DATA
    if without_empty(ours) == without_empty(theirs):
        return Reason.EMPTY
    return None


def diff_reason_of(given: Properties, new: Properties) -> Reason | None:
    """Return the reason for a difference between two answers to Diff of the same inputs."""
    return Reason.UNKNOWN_SECRET if "stringData" in given and is_unknown(new) else None


def without_empty(value: Any) -> Any:
    """Return the value without keys whose values are empty, at any depth."""
    if isinstance(value, dict):
        found = {key: without_empty(item) for key, item in value.items()}
        return {key: item for key, item in found.items() if item not in ([], {}, False, 0, "", None)}
    if isinstance(value, list):
        return [without_empty(item) for item in value]
    return value
