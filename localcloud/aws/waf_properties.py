"""The properties of web ACLs that the local cloud keeps, in the form of `properties`. WAF has no effect locally."""

from collections.abc import Iterable

_HEADERS = "customRequestHandling.insertHeaders.name customRequestHandling.insertHeaders.value"
_RESPONSE = """
    customResponse.customResponseBodyKey customResponse.responseCode customResponse.responseHeaders.name
    customResponse.responseHeaders.value"""
_FORWARDED = "forwardedIpConfig.fallbackBehavior forwardedIpConfig.headerName"
_TRANSFORMED = "textTransformations.priority textTransformations.type"
_VISIBILITY = "cloudwatchMetricsEnabled metricName sampledRequestsEnabled"


def _in(block: str, names: str) -> str:
    """Return names in a block: `_in("a.b", "c d")` is `a.b.c a.b.d`."""
    return " ".join(f"{block}.{name}" for name in names.split())


def _actions(block: str, names: Iterable[str]) -> str:
    """Return the properties of some actions in a block. Each action can also be an empty block."""
    return " ".join(_in(f"{block}.{name}", f"- {_RESPONSE if name == 'block' else _HEADERS}") for name in names)


_ANY_ACTION = ("allow", "block", "captcha", "challenge", "count")
_CUSTOM_KEYS = " ".join(
    (
        *(_in(name, f"name {_TRANSFORMED}") for name in ("cookie", "header", "queryArgument")),
        *(_in(name, _TRANSFORMED) for name in ("queryString", "uriPath")),
        *(f"{name}.fallbackBehavior" for name in ("ja3Fingerprint", "ja4Fingerprint")),
        *(f"{name}.-" for name in ("asn", "forwardedIp", "httpMethod", "ip")),
        "labelNamespace.namespace",
    )
)
_RATE = f"aggregateKeyType evaluationWindowSec limit {_FORWARDED} {_in('customKeys', _CUSTOM_KEYS)}"
_GROUP = f"name vendorName version ruleActionOverrides.name {_actions('ruleActionOverrides.actionToUse', _ANY_ACTION)}"
_RULE = f"""
    name priority ruleLabels.name {_in("visibilityConfig", _VISIBILITY)} overrideAction.count.- overrideAction.none.-
    {_actions("action", _ANY_ACTION)} {_in("statement.rateBasedStatement", _RATE)}
    {_in("statement.managedRuleGroupStatement", _GROUP)}
    {_in("statement.geoMatchStatement", f"countryCodes {_FORWARDED}")}"""

ACL_RECORDED = f"""
    {_actions("defaultAction", ("allow", "block"))} {_in("customResponseBodies", "content contentType key")}
    {_in("rules", _RULE)} {_in("visibilityConfig", _VISIBILITY)}"""
ACL_KEPT = f"description name namePrefix scope tags {ACL_RECORDED}"
