"""Rules of Elastic Load Balancing about listeners and their rules: certificates, security policies and redirects."""

from collections.abc import Iterator, Mapping
from typing import Any

from localcloud.aws.judge.refusal import Path, RefusedError, known
from localcloud.aws.judge.rules.rule import Parameters, RequestRule, RequestRules
from localcloud.aws.specifications.security_policies import SECURITY_POLICIES

_SECURE = ("HTTPS", "TLS")
_OF_APPLICATIONS = ("HTTP", "HTTPS")
_OF_NETWORKS = ("TCP", "TLS", "UDP", "TCP_UDP", "QUIC", "TCP_QUIC")
_ALPN_POLICIES = ("HTTP1Only", "HTTP2Only", "HTTP2Optional", "HTTP2Preferred", "None")
# AWS's messages, recorded from real requests.
_MEASURED = "https://github.com/badmintoncryer/cdk-preflight/tree/main/rules/elbv2/pf-elbv2"
_NOT_FOUND = "https://github.com/kubernetes-sigs/aws-load-balancer-controller/issues/2384"
_NO_ACTION = "https://github.com/hashicorp/terraform-provider-aws/issues/40022"
# Type of an action -> the blocks of which it needs one.
_BLOCKS: Mapping[str, tuple[str, ...]] = {
    "fixed-response": ("FixedResponseConfig",),
    "forward": ("TargetGroupArn", "ForwardConfig"),
    "redirect": ("RedirectConfig",),
}
_SAME = {"Protocol": "#{protocol}", "Host": "#{host}", "Port": "#{port}", "Path": "/#{path}", "Query": "#{query}"}
"""Default of each part of a redirect, which keeps that of the request: botocore elbv2 RedirectActionConfig."""
_PORTS = range(1, 65_536)
_MAX_DIGITS = 5
_CONTENT_TYPES = ("text/html", "application/json", "application/javascript", "text/css", "text/plain")
_MAX_VALUES = 5
_MAX_VALUE, _MAX_HEADER = 128, 40


def _certificate(parameters: Parameters) -> Iterator[RefusedError]:
    """Require exactly one default certificate for a listener that terminates TLS, and none for other listeners."""
    protocol, certificates = parameters.get("Protocol"), parameters.get("Certificates") or []
    if not isinstance(certificates, list) or protocol is None or not known(protocol):
        return
    if protocol in _SECURE and len(certificates) != 1:
        words = f"A certificate must be specified for {protocol} listeners"
        if certificates:
            words = "You can only specify one default certificate for a listener"
        yield _invalid(words, ("Certificates",), None, "botocore elbv2 CreateListenerInput.Certificates")
    elif protocol not in _SECURE and certificates:
        arn = certificates[0].get("CertificateArn")
        words, source = f"A certificate cannot be specified for {protocol} listeners", "listener-cert-insecure-protocol"
        yield _invalid(words, ("Certificates", 0, "CertificateArn"), arn, f"{_MEASURED}-{source}")


def _security_policy(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a security policy that does not exist, and any for a listener that does not terminate TLS."""
    protocol, policy = parameters.get("Protocol"), parameters.get("SslPolicy")
    if not isinstance(policy, str) or not known(policy) or not known(protocol):
        return
    if protocol is not None and protocol not in _SECURE:
        words = f"An SSL policy cannot be specifed for {protocol} listeners"  # AWS's spelling
        yield _invalid(words, ("SslPolicy",), policy, f"{_MEASURED}-listener-sslpolicy-secure-only")
    elif policy not in SECURITY_POLICIES:
        words = f"SSL policy '{policy}' not found"
        yield RefusedError("SSLPolicyNotFound", words, path=("SslPolicy",), value=policy, source=_NOT_FOUND)


def _alpn(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse an ALPN policy that does not exist, and any for a listener that does not terminate TLS."""
    protocol, policies = parameters.get("Protocol"), parameters.get("AlpnPolicy")
    policy = policies[0] if isinstance(policies, list) and policies else None
    if not isinstance(policy, str) or not known(policy) or not known(protocol):
        return
    if policy not in _ALPN_POLICIES:
        words = f"ALPN policy [{policy}] is not found"
        yield _invalid(words, ("AlpnPolicy",), policy, f"{_MEASURED}-listener-alpn-values")
    elif protocol in _OF_APPLICATIONS:
        words = "You cannot set ALPN policy on load balancers of type 'application'"
        yield _invalid(words, ("AlpnPolicy",), policy, f"{_MEASURED}-listener-alpn-tls-only")
    elif protocol not in (None, "TLS"):
        words = f"You cannot set ALPN policy on {protocol} listeners"  # AWS's words are not known
        yield _invalid(words, ("AlpnPolicy",), policy, "botocore elbv2 CreateListenerInput.AlpnPolicy")


def _forward_only(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse any other action than `forward` for a listener of a Network Load Balancer, which its protocol shows."""
    if parameters.get("Protocol") not in _OF_NETWORKS:
        return
    for at, action in _actions("DefaultActions", parameters):
        type_ = action.get("Type")
        if isinstance(type_, str) and known(type_) and type_ != "forward":
            words = f"The action type '{type_}' is not valid with network load balancer"
            yield RefusedError(
                "InvalidLoadBalancerAction",
                words,
                path=(*at, "Type"),
                value=type_,
                source=f"{_MEASURED}-listener-nlb-action-forward-only",
            )


def _actions(name: str, parameters: Parameters) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    for index, action in enumerate(parameters.get(name) or ()):
        if isinstance(action, Mapping):
            yield (name, index), action


def _downgrade(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a redirect from HTTPS to HTTP."""
    for at, action in _actions("DefaultActions", parameters):
        if parameters.get("Protocol") == "HTTPS" and _part(action, "RedirectConfig", "Protocol") == "HTTP":
            yield RefusedError(
                "InvalidLoadBalancerAction",
                "You cannot redirect HTTPS to HTTP",
                path=(*at, "RedirectConfig", "Protocol"),
                value="HTTP",
                source="botocore elbv2 RedirectActionConfig.Protocol",
            )


def _loop(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a redirect of a listener to the URL of the request itself."""
    for at, action in _actions("DefaultActions", parameters):
        redirect = action.get("RedirectConfig")
        if action.get("Type") != "redirect" or not isinstance(redirect, Mapping):
            continue
        own = {"Protocol": parameters.get("Protocol"), "Port": str(parameters.get("Port"))}
        wanted = {**_SAME, **redirect}
        if all(wanted[name] in (unchanged, own.get(name)) for name, unchanged in _SAME.items()):
            yield RefusedError(
                "InvalidLoadBalancerAction",
                "The redirect configuration is not valid because it creates a loop.",
                path=at,
                value=dict(redirect),
                source="https://github.com/kubernetes-sigs/aws-load-balancer-controller/issues/487",
            )


def _action_values(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse ports, paths and content types that a redirect or a fixed response does not accept."""
    for at, action in (*_actions("DefaultActions", parameters), *_actions("Actions", parameters)):
        port, path = (_part(action, "RedirectConfig", name) for name in ("Port", "Path"))
        if isinstance(port, str) and port != "#{port}" and not _is_port(port):
            words = "The Port parameter must be either an integer between 1 and 65535 or '#{port}'."
            yield _invalid(words, (*at, "RedirectConfig", "Port"), port, f"{_MEASURED}-action-redirect-port-value")
        if isinstance(path, str) and not path.startswith("/"):
            words = (
                "The Path parameter must be a valid path, should start with a '/', and may contain up to one of each "
                "of these placeholders: '#{path}', '#{host}', '#{port}'."
            )
            source = f"{_MEASURED}-action-redirect-path-leading-slash"
            yield _invalid(words, (*at, "RedirectConfig", "Path"), path, source)
        kind = _part(action, "FixedResponseConfig", "ContentType")
        if isinstance(kind, str) and kind not in _CONTENT_TYPES:
            words = f"The ContentType must be one of:{', '.join(map(repr, _CONTENT_TYPES))}."
            source = f"{_MEASURED}-action-fixed-response-content-type"
            yield _invalid(words, (*at, "FixedResponseConfig", "ContentType"), kind, source)


def _needed(parameters: Parameters) -> Iterator[RefusedError]:
    """Require the block that belongs to the type of an action."""
    for at, action in (*_actions("DefaultActions", parameters), *_actions("Actions", parameters)):
        blocks = _BLOCKS.get(str(action.get("Type")), ())
        if blocks and not any(action.get(block) for block in blocks):
            fields = " or ".join(f"'{block}'" for block in blocks)
            words = f"For actions of type '{action['Type']}', you must specify the following fields: {fields}"
            yield _invalid(words, at, None, f"{_MEASURED}-listener-action-config-type-match")


def _lists(*names: str) -> RequestRule:
    """Return the rule that requires at least one item in each of these lists."""

    def rule(parameters: Parameters) -> Iterator[RefusedError]:
        for name in names:
            if name in parameters and not parameters[name]:
                what = "An action" if name.endswith("Actions") else "A condition"
                source = _NO_ACTION if name.endswith("Actions") else f"{_MEASURED}-rule-conditions-required"
                yield _invalid(f"{what} must be specified", (name,), None, source)

    return rule


def _conditions(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse more than five values in a rule, long values, and the header `Host`."""
    listed = [each for each in parameters.get("Conditions") or () if isinstance(each, Mapping)]
    blocks = [(index, name) for index, each in enumerate(listed) for name in each if name.endswith("Config")]
    count = sum(len(listed[index][name].get("Values") or ()) for index, name in blocks)
    if count > _MAX_VALUES:
        words = f"A rule can only have '{_MAX_VALUES}' condition values and regex values"
        yield _invalid(words, ("Conditions",), None, f"{_MEASURED}-rule-condition-values-max")
    for index, name in blocks:
        field, block = listed[index].get("Field"), listed[index][name]
        header = block.get("HttpHeaderName")
        if isinstance(header, str) and known(header):
            at: Path = ("Conditions", index, name, "HttpHeaderName")
            if len(header) > _MAX_HEADER:
                words = f"Condition value for '{field}' cannot contain more than {_MAX_HEADER} characters"
                yield _invalid(words, at, header, f"{_MEASURED}-rule-http-header-name-length")
            if header.lower() == "host":
                words = f"You cannot specify '{header.lower()}' as an HTTP header name"
                yield _invalid(words, at, header, f"{_MEASURED}-rule-http-header-not-host")
        if not block.get("Values"):
            words = (
                f"You must provide exactly one of the following: ['Values' 'RegexValues'] for config of type '{name}'"
            )
            at = ("Conditions", index, name, "Values")
            yield _invalid(words, at, None, f"{_MEASURED}-rule-condition-empty-values")
        for place, value in enumerate(block.get("Values") or ()):
            if isinstance(value, str) and known(value) and len(value) > _MAX_VALUE:
                words = f"Condition value for '{field}' cannot contain more than {_MAX_VALUE} characters"
                at = ("Conditions", index, name, "Values", place)
                yield _invalid(words, at, value, f"{_MEASURED}-rule-value-length-128")


def _part(action: Mapping[str, Any], block: str, name: str) -> Any:
    """Return a member of a block of an action, or None if it is not set or not known yet."""
    found = action.get(block)
    value = found.get(name) if isinstance(found, Mapping) else None
    return value if known(value) else None


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= _MAX_DIGITS and int(text) in _PORTS


def _invalid(words: str, path: Path, value: Any, source: str) -> RefusedError:
    return RefusedError("ValidationError", words, path=path, value=value, source=source)


_OF_LISTENERS = (
    *(_certificate, _security_policy, _alpn, _forward_only, _downgrade, _loop, _lists("DefaultActions"), _needed),
    _action_values,
)
_OF_RULES = (_lists("Conditions", "Actions"), _needed, _action_values, _conditions)
REQUEST_RULES: RequestRules = {
    ("elbv2", "CreateListener"): _OF_LISTENERS,
    ("elbv2", "ModifyListener"): _OF_LISTENERS,
    ("elbv2", "CreateRule"): _OF_RULES,
    ("elbv2", "ModifyRule"): _OF_RULES,
}
