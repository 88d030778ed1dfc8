"""Messages about refusals of AWS: code, property in Pulumi's words, source of the rule, and remedy."""

from localcloud.aws.iam.denials import about_any_name
from localcloud.aws.judge.refusal import RefusedError, error_code, property_in_words, property_of, property_path
from localcloud.aws.resource import Resource
from localcloud.protocol.servicer import ProviderError, Target
from localcloud.protocol.values import Properties

_GRANT = "add the action to a policy of the deploy role; docs/deploy-role.md lists what it needs"
_NO_ROLE = "the deploy role no longer exists: create it, then run the command again"
_CORRECT = "correct the value in the settings or in the program"
_MISSING = "a referenced resource does not exist: correct the value; if it was deleted, run refresh, then up"
_HINTS = {
    "AccessDenied": _GRANT,
    "UnauthorizedOperation": _GRANT,
    "403": _GRANT,
    "ExpiredToken": "the session of the deploy role has expired: run the command again",
    "InvalidClientTokenId": _NO_ROLE,
    "UnrecognizedClient": _NO_ROLE,
    "AuthFailure": _NO_ROLE,
    "BucketNotEmpty": "set forceDestroy and run up, or delete its objects first",
    "AlreadyExists": "another resource has that name: choose another name, or delete that resource",
    "Duplicate": "another resource has that name: choose another name, or delete that resource",
    "DependencyViolation": "another resource still uses it: delete that resource first",
    "InUse": "another resource still uses it, or has that name",
    "Invalid": _CORRECT,
    "Malformed": _CORRECT,
    "MissingParameter": "add the argument in the program",
    "Validation": _CORRECT,
    "NotFound": _MISSING,
    "NoSuch": _MISSING,
}


def explained(target: Target, kind: str, error: Exception, inputs: Properties, resource: Resource) -> Exception:
    """Return an error of AWS with its code, the property in Pulumi's words and a remedy; other errors as they are.

    Args:
        target: the resource.
        kind: the operation of the provider, such as `create`.
        error: the error of a request or of a rule.
        inputs: inputs of the resource.
        resource: the stand-in of its type.
    """
    code = error_code(error)
    if not code:
        return error
    message = error.response["Error"].get("Message", "")  # type: ignore[attr-defined]
    operation = getattr(error, "operation_name", kind)
    hint = _remedy(error, code, message, in_preview=kind == "preview")
    if isinstance(error, RefusedError):
        hint += f"; at {property_path(inputs, error.path, error.value, resource.renames)}; rule: {error.source}"
    elif at := property_in_words(inputs, message) or property_of(inputs, code):
        hint += f"; at {at}"
    return ProviderError(f"{target.type} {target.name}: {operation} was refused with {code}: {message} ({hint})")


def _remedy(error: Exception, code: str, message: str, *, in_preview: bool) -> str:
    """Return what to do about a refusal.

    A preview only knows the program, so that even a code such as `CertificateNotFound` is about a value of the program.
    """
    if isinstance(error, RefusedError) and error.accepted:
        return f"{_CORRECT}; accepted: {error.accepted}"
    if "explicit deny" in message:
        return "a policy denies it explicitly: remove that Deny statement"
    if in_preview and not code.startswith("Missing"):
        return _CORRECT
    # A RefusedError is about the request. For an error of moto, its log can explain more.
    other = _CORRECT if isinstance(error, RefusedError) else "see the log of the part aws"
    hint = next((text for part, text in _HINTS.items() if part in code), other)
    return hint + about_any_name(message) if hint == _GRANT else hint
