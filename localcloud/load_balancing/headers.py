"""Changes that an Application Load Balancer makes to the headers of requests and responses.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html,
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html
"""

import re
import secrets
import time
from collections.abc import Iterable

from multidict import CIMultiDict

from localcloud.load_balancing.model import Front, LoadBalancer

HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
)
"""Hop-by-hop header fields, which are not forwarded: https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1."""
TRACE_ID = "X-Amzn-Trace-Id"
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#load-balancer-attributes
_VALID_NAME = re.compile(r"[-A-Za-z0-9]+")

Fields = Iterable[tuple[str, str]]


def end_to_end(fields: Fields) -> "CIMultiDict[str]":
    """Return the fields to forward: all except hop-by-hop fields and those listed in `Connection`."""
    listed = list(fields)
    named = {
        part.strip().lower() for name, value in listed if name.lower() == "connection" for part in value.split(",")
    }
    return CIMultiDict((name, value) for name, value in listed if name.lower() not in HOP_BY_HOP | named)


def through(front: Front, fields: Fields, client: str) -> list[tuple[str, str]]:
    """Return the header that a CloudFront distribution sends to its origin.

    It adds the custom fields of the distribution, and appends the client's address to X-Forwarded-For.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html
    """
    own = {name.lower() for name, _ in front.headers}
    listed = list(fields)
    seen = [value for name, value in listed if name.lower() == "x-forwarded-for"]
    kept = [(name, value) for name, value in listed if name.lower() not in own | {"x-forwarded-for"}]
    return [*kept, ("X-Forwarded-For", ", ".join([*seen, client])), *front.headers]


def for_target(
    fields: Fields, balancer: LoadBalancer, *, client: tuple[str, int], protocol: str, port: int
) -> "CIMultiDict[str]":
    """Return the header of the request to a target.

    Args:
        fields: the header fields of the client's request.
        balancer: the load balancer, whose attributes control the changes.
        client: address and port of the client.
        protocol: http or https.
        port: port of the listener.
    """
    found = end_to_end(fields)
    found.popall("Expect", None)  # the load balancer itself has requested the body
    if balancer.drops_invalid_headers:
        found = CIMultiDict((name, value) for name, value in found.items() if _VALID_NAME.fullmatch(name))
    seen = [*found.popall("X-Forwarded-For", [])]
    if balancer.forwarded_mode == "append":
        seen.append(f"{client[0]}:{client[1]}" if balancer.forwards_client_port else client[0])
    if seen and balancer.forwarded_mode != "remove":
        found["X-Forwarded-For"] = ", ".join(seen)
    for name, value in (("X-Forwarded-Proto", protocol), ("X-Forwarded-Port", str(port))):
        found.popall(name, None)
        found[name] = value
    found[TRACE_ID] = trace_id(found.get(TRACE_ID, ""))
    return one_spelling(found.items())


def one_spelling(fields: Fields) -> "CIMultiDict[str]":
    """Use the first spelling of a field name for all fields with that name.

    If a name has different spellings, such as `X-Id` and `x-id`, the client of aiohttp sends only the last field.
    """
    spelled: dict[str, str] = {}
    return CIMultiDict((spelled.setdefault(name.lower(), name), value) for name, value in fields)


def trace_id(given: str) -> str:
    """Return the trace id of a request: add `Root` if the client has not sent one, else add `Self`."""
    made = f"1-{int(time.time()):08x}-{secrets.token_hex(12)}"
    kept = [part for part in given.split(";") if part.strip() and not part.strip().startswith("Self=")]
    if not any(part.strip().startswith("Root=") for part in kept):
        return ";".join([f"Root={made}", *kept])
    return ";".join([f"Self={made}", *kept])
