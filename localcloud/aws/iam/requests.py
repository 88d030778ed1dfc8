"""Parses HTTP requests into service, operation and parameters, by botocore's models."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qs, unquote

from localcloud.aws.specifications.models import untouched_model

_CREDENTIAL = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/aws4_request")
_IAM_PREFIXES = {"monitoring": "cloudwatch"}
"""Service name in signatures -> prefix of the service's IAM actions, where they differ."""

_FLAT_TAGS = ("Tags.", "Tag.", "TagSpecification.")
"""Prefixes of tags in forms, such as `Tags.member.1.Key` and `TagSpecification.1.Tag.1.Key`."""


@dataclass(frozen=True, kw_only=True)
class Wire:
    """An HTTP request."""

    method: str
    path: str
    """Path, not decoded."""
    query: str
    headers: Mapping[str, str]
    """Header name in lower case -> value."""
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Signature:
    """Signature of a request."""

    key_id: str
    region: str
    service: str
    """Service name in the signature, such as `sqs` or `monitoring`."""
    token: str = ""
    """Session token. Empty for an access key without one."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call of an operation with its parameters."""

    service: str
    """Prefix of the service's IAM actions."""
    operation: str
    """Name of the operation in botocore's model."""
    parameters: Mapping[str, Any]
    region: str


def signature(wire: Wire) -> Signature | None:
    """Return the signature of a request from its header or presigned URL, or None if it is not signed."""
    query = parse_qs(wire.query)
    presigned = query.get("X-Amz-Credential", [""])[0]
    found = _CREDENTIAL.search(wire.headers.get("authorization", "") or f"Credential={presigned}")
    if not found:
        return None
    token = wire.headers.get("x-amz-security-token") or query.get("X-Amz-Security-Token", [""])[0]
    return Signature(key_id=found[1], region=found[2], service=found[3], token=token)


def call(wire: Wire, signed: Signature) -> Call | None:
    """Return the call of a request, or None if no model has the operation."""
    target = wire.headers.get("x-amz-target", "")
    if target and target.rpartition(".")[0] != _target_prefix(signed.service):
        return None  # signed for another service than it is sent to
    named = _named(wire) or _matched(wire, signed.service)
    if named is None:
        return None
    operation, parameters = named
    service = _IAM_PREFIXES.get(signed.service, signed.service)
    return Call(service=service, operation=operation, parameters=parameters, region=signed.region)


def _named(wire: Wire) -> tuple[str, Mapping[str, Any]] | None:
    """Return the operation and parameters of a request that names them in a header or form."""
    target = wire.headers.get("x-amz-target", "").rpartition(".")[2]
    if target:
        parsed = json.loads(wire.body or b"{}")
        return target, parsed if isinstance(parsed, dict) else {}
    form = wire.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    text = wire.body.decode("utf-8", "replace") if form else wire.query
    fields = {key: values[0] for key, values in parse_qs(text, keep_blank_values=True).items()}
    if "Action" not in fields:
        return None
    if "QueueUrl" not in fields and wire.path.count("/") > 1:  # SQS's older protocol
        fields["QueueUrl"] = wire.path
    return fields["Action"], fields


@dataclass(frozen=True)
class _Route:
    """HTTP binding of an operation of a REST service."""

    operation: str
    method: str
    path: re.Pattern[str]
    query: frozenset[str]
    """Names or `name=value` of the required query parameters."""
    headers: frozenset[str]
    literals: int
    """Number of literal characters in the path."""

    @property
    def rank(self) -> tuple[int, int]:
        return len(self.query) + len(self.headers), self.literals


def _matched(wire: Wire, service: str) -> tuple[str, Mapping[str, Any]] | None:
    """Return the operation and parameters of a request to a REST service, or None if no operation matches.

    If several operations match its method, path, query and headers, return the most specific one.
    """
    query = {key: values[0] for key, values in parse_qs(wire.query, keep_blank_values=True).items()}
    asked = {*query, *(f"{key}={value}" for key, value in query.items())}
    best: tuple[tuple[int, int], str, dict[str, str]] | None = None
    for route in _routes(service):
        found = route.path.fullmatch(wire.path) if route.method == wire.method else None
        if found and route.query <= asked and route.headers <= wire.headers.keys():
            best = max(best or ((-1, -1), "", {}), (route.rank, route.operation, found.groupdict()), key=lambda b: b[0])
    if best is None:
        return None
    named = {key: unquote(value) for key, value in best[2].items()}
    return best[1], {**query, **(_s3_body(best[1], wire) if service == "s3" else _json_body(wire)), **named}


def _json_body(wire: Wire) -> dict[str, Any]:
    """Return the parameters in the JSON body of a request to a REST service, or {} if the body is not JSON."""
    try:
        parsed = json.loads(wire.body or b"{}")
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


def request_tags(parameters: Mapping[str, Any]) -> dict[str, str] | None:
    """Return the tags in the parameters of a call, or None if they are in an unsupported format."""
    found = parameters.get("Tags", parameters.get("tags"))
    if isinstance(found, dict):
        return {str(key): str(value) for key, value in found.items()}
    if isinstance(found, list):
        pairs = [(tag.get("Key", tag.get("TagKey")), tag.get("Value", tag.get("TagValue"))) for tag in found]
        return {str(key): str(value) for key, value in pairs}
    flat = {name: value for name, value in parameters.items() if name.startswith(_FLAT_TAGS)}
    if any(name.lower().startswith("tag") and name not in flat for name in parameters):
        return None
    return {
        str(value): str(flat.get(f"{name.removesuffix('Key')}Value", ""))
        for name, value in flat.items()
        if name.endswith(".Key")
    }


# Parameters of object operations that require additional actions or select a resource, and their headers.
_S3_HEADERS = {
    "CopySource": "x-amz-copy-source",
    "Tagging": "x-amz-tagging",
    "ACL": "x-amz-acl",
    "SSEKMSKeyId": "x-amz-server-side-encryption-aws-kms-key-id",
}


def _s3_body(operation: str, wire: Wire) -> dict[str, Any]:
    if operation == "DeleteObjects":
        return {"Keys": re.findall(r"<Key>([^<]*)</Key>", wire.body.decode("utf-8", "replace"))}
    found: dict[str, Any] = {
        name: value for name, header in _S3_HEADERS.items() if (value := unquote(wire.headers.get(header, "")))
    }
    if any(header.startswith("x-amz-grant-") for header in wire.headers):
        found["ACL"] = "grants"
    return found


@cache
def _routes(service: str) -> tuple[_Route, ...]:
    model = _model(service)
    return tuple(_route_of(model, name) for name in model.operation_names) if model else ()


def _target_prefix(service: str) -> str | None:
    model = _model(service)
    return str(model.metadata.get("targetPrefix")) if model else None


def keeps_query_codes(service: str) -> bool:
    """Return whether a service with a JSON protocol also returns the error codes of its former query protocol."""
    model = _model(service)
    return model is not None and "awsQueryCompatible" in model.metadata


@cache
def _model(service: str) -> Any:
    """Return botocore's model for a service name in signatures, or None if there is none."""
    try:
        return untouched_model(_IAM_PREFIXES.get(service, service))
    except Exception:  # botocore has no service of this name
        return None


def _route_of(model: Any, name: str) -> _Route:
    operation = model.operation_model(name)
    path, _, literal_query = operation.http.get("requestUri", "/").partition("?")
    required = list(_required(operation.input_shape))
    return _Route(
        operation=name,
        method=operation.http["method"],
        path=re.compile("".join(_path_parts(path))),
        query=frozenset(
            {*filter(None, literal_query.split("&")), *(n for where, n in required if where == "querystring")}
        ),
        headers=frozenset(n.lower() for where, n in required if where == "header"),
        literals=len(re.sub(r"\{[^}]*\}", "", path)),
    )


def _required(shape: Any) -> Iterator[tuple[str, str]]:
    for member in shape.required_members if shape is not None else ():
        place = shape.members[member].serialization
        if place.get("location") in {"querystring", "header"}:
            yield place["location"], place["name"]


def _path_parts(path: str) -> Iterator[str]:
    for part in re.split(r"(\{[^}]*\})", path):
        if part.startswith("{"):
            name = re.sub(r"\W", "_", part.strip("{}+"))
            yield f"(?P<{name}>.+)" if part.endswith("+}") else f"(?P<{name}>[^/]+)"
        else:
            yield re.escape(part)
    yield "/?"
