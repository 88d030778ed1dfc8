"""Rules of AWS WAF about custom responses and inserted headers, and about the keys of rate-based rules."""

from collections.abc import Iterator, Mapping
from typing import Any

from localcloud.aws.judge.refusal import Path, RefusedError, known
from localcloud.aws.judge.rules.rule import Parameters, RequestRules
from localcloud.aws.judge.rules.wafv2 import invalid, limit_exceeded, rules_of

# AWS's messages, recorded from real requests. The fields of the messages about headers and keys are not known.
_MEASURED = "https://github.com/badmintoncryer/cdk-preflight/tree/main/rules/wafv2/pf-wafv2"
_RESPONSE, _REQUEST, _RATE = (
    f"{_MEASURED}-{name}" for name in ("custom-response", "custom-request-handling", "rate-based-statement")
)
_DUPLICATE = "You have duplicated some of the information in the parameter."
_MISSING = "A required field is missing from the parameter."
_MAX_HEADERS = 10
_MAX_BODIES = 50
_MAX_BODY = 4096
# Aggregate keys that a rate-based rule can have once.
_SINGLE = frozenset(
    ("HTTPMethod", "UriPath", "QueryString", "JA3Fingerprint", "JA4Fingerprint", "IP", "ForwardedIP", "ASN")
)
_ADDRESSES = frozenset(("IP", "ForwardedIP"))


def _responses(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a custom response with a body that the web ACL does not define, or with headers that WAF refuses."""
    bodies = parameters.get("CustomResponseBodies") or {}
    for at, kind, action in _actions(parameters):
        response = action.get("CustomResponse")
        if kind != "Block" or not isinstance(response, Mapping):
            continue
        key, path = response.get("CustomResponseBodyKey"), (*at, "CustomResponse")
        if isinstance(key, str) and known(key) and isinstance(bodies, Mapping) and not _maybe_in(key, bodies):
            words = "AWS WAF couldn't find a resource that a parameter references."
            yield invalid(words, "CUSTOM_RESPONSE", (*path, "CustomResponseBodyKey"), key, _RESPONSE)
        for place, name in _headers(response, "ResponseHeaders"):
            if name.lower() == "content-type":
                named, source = (*path, "ResponseHeaders", place, "Name"), "CustomResponse.ResponseHeaders"
                yield invalid("UNSUPPORTED_PARAMETER_VALUE", "CUSTOM_RESPONSE", named, name, source)
        yield from _header_faults(response, "ResponseHeaders", path, "CUSTOM_RESPONSE", _RESPONSE)


def _requests(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse more than ten headers that an action inserts into a request, and equal ones."""
    for at, _, action in _actions(parameters):
        handling = action.get("CustomRequestHandling")
        if isinstance(handling, Mapping):
            path = (*at, "CustomRequestHandling")
            yield from _header_faults(handling, "InsertHeaders", path, "CUSTOM_REQUEST_HANDLING", _REQUEST)


def _header_faults(block: Mapping[str, Any], name: str, at: Path, field: str, source: str) -> Iterator[RefusedError]:
    listed, seen = block.get(name), set[str]()
    if isinstance(listed, list) and len(listed) > _MAX_HEADERS:
        yield limit_exceeded((*at, name), len(listed), source)
    for place, header in _headers(block, name):
        if header.lower() in seen:
            yield invalid(_DUPLICATE, field, (*at, name, place, "Name"), header, source)
        seen.add(header.lower())


def _bodies(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse more than 50 bodies of custom responses, and a body of more than 4 KB."""
    bodies = parameters.get("CustomResponseBodies")
    listed = dict(bodies) if isinstance(bodies, Mapping) else {}
    if len(listed) > _MAX_BODIES:
        yield limit_exceeded(("CustomResponseBodies",), len(listed), _RESPONSE)
    for key, body in listed.items():
        content = body.get("Content") if isinstance(body, Mapping) else None
        if isinstance(content, str) and known(content) and len(content.encode()) > _MAX_BODY:
            yield limit_exceeded(("CustomResponseBodies", key, "Content"), content, _RESPONSE)


def _rates(parameters: Parameters) -> Iterator[RefusedError]:
    """Require what the aggregate key type of a rate-based rule needs, and keys that it can have."""
    for index, rule in rules_of(parameters):
        statement = rule.get("Statement")
        rate = statement.get("RateBasedStatement") if isinstance(statement, Mapping) else None
        if isinstance(rate, Mapping):
            yield from _rate(rate, ("Rules", index, "Statement", "RateBasedStatement"))


def _rate(rate: Mapping[str, Any], at: Path) -> Iterator[RefusedError]:
    kind, keys = rate.get("AggregateKeyType"), rate.get("CustomKeys") or []
    if not known(kind) or not isinstance(keys, list) or not all(isinstance(key, Mapping) for key in keys):
        return
    names = [name for key in keys for name in key]
    forwarded = kind == "FORWARDED_IP" or "ForwardedIP" in names
    if forwarded and not rate.get("ForwardedIPConfig"):
        yield invalid(_MISSING, "FORWARDED_IP_CONFIG", (*at, "ForwardedIPConfig"), None, _RATE)
    if kind == "CONSTANT" and not rate.get("ScopeDownStatement"):
        yield invalid(_MISSING, "SCOPE_DOWN", (*at, "ScopeDownStatement"), None, _RATE)
    path = (*at, "CustomKeys")
    if kind == "CUSTOM_KEYS" and not keys:
        words = "You are missing at-least one of condition between some parameters or all parameters of object."
        yield invalid(words, "CUSTOM_KEYS", path, "RateBasedStatement", _RATE)
    elif kind != "CUSTOM_KEYS" and keys:
        yield invalid("Your request in not valid.", "CUSTOM_KEYS", path, kind, _RATE)  # AWS's spelling
    elif keys and set(names) <= _ADDRESSES:
        words = "IP or ForwardedIP can't be independent keys for CUSTOM_KEYS"
        yield invalid(words, "CUSTOM_KEYS", path, names[0], _RATE)
    for name in sorted(_SINGLE):
        if names.count(name) > 1:
            yield invalid(_DUPLICATE, "CUSTOM_KEYS", path, name, _RATE)


def _actions(parameters: Parameters) -> Iterator[tuple[Path, str, Mapping[str, Any]]]:
    """Yield each action of a web ACL with its path and its kind, such as `Block`."""
    found: list[tuple[Path, Any]] = [(("DefaultAction",), parameters.get("DefaultAction"))]
    for index, rule in rules_of(parameters):
        found += [(("Rules", index, name), rule.get(name)) for name in ("Action", "OverrideAction")]
        statement = rule.get("Statement")
        group = statement.get("ManagedRuleGroupStatement") if isinstance(statement, Mapping) else None
        overrides = group.get("RuleActionOverrides") if isinstance(group, Mapping) else None
        for place, each in enumerate(overrides if isinstance(overrides, list) else ()):
            outer: Path = ("Rules", index, "Statement", "ManagedRuleGroupStatement", "RuleActionOverrides")
            found.append(
                ((*outer, place, "ActionToUse"), each.get("ActionToUse") if isinstance(each, Mapping) else None)
            )
    for at, action in found:
        for kind, settings in action.items() if isinstance(action, Mapping) else ():
            if isinstance(settings, Mapping):
                yield (*at, kind), kind, settings


def _headers(block: Mapping[str, Any], name: str) -> Iterator[tuple[int, str]]:
    """Yield the known names of the headers in a list with their indexes."""
    listed = block.get(name)
    for place, header in enumerate(listed if isinstance(listed, list) else ()):
        title = header.get("Name") if isinstance(header, Mapping) else None
        if isinstance(title, str) and known(title):
            yield place, title


def _maybe_in(key: str, bodies: Mapping[str, Any]) -> bool:
    """Return whether a body has the key, or a key that is not known yet, which can be the same."""
    return any(each == key or not known(each) for each in bodies)


_ACL = (_responses, _requests, _bodies, _rates)
REQUEST_RULES: RequestRules = {("wafv2", "CreateWebACL"): _ACL, ("wafv2", "UpdateWebACL"): _ACL}
