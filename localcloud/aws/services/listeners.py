"""Listeners of load balancers with their rules: conditions and actions."""

from collections.abc import Mapping
from typing import Any

from localcloud.aws.account import Account
from localcloud.aws.resource import Resource
from localcloud.aws.services.load_balancers import ElbResource
from localcloud.aws.shapes import from_api
from localcloud.protocol.values import Properties

_SECURE = ("HTTPS", "TLS")


class Listener(ElbResource):
    """A listener with its default actions."""

    type = "aws:lb/listener:Listener"
    gone = {"ListenerNotFound": (), "LoadBalancerNotFound": ()}
    replaces = ("loadBalancerArn",)
    describe_operation = "DescribeListeners"
    found = "Listeners.0"
    id_parameter = "ListenerArns"

    def create(self, aws: Account, inputs: Properties) -> str:
        """Create the listener."""
        answer = aws.call(
            "elbv2",
            "CreateListener",
            LoadBalancerArn=inputs["loadBalancerArn"],
            **_listener(inputs),
            **self.create_tags(inputs),
        )
        return str(answer["Listeners"][0]["ListenerArn"])

    def state(self, aws: Account, id_: str, item: Any) -> Properties:
        """Return the state in Pulumi's names, with actions."""
        secure = item["Protocol"] in _SECURE  # moto keeps the certificate after a change from HTTPS to HTTP
        certificates = (item.get("Certificates") if secure else None) or [{}]
        return {
            "arn": id_,
            "loadBalancerArn": item["LoadBalancerArn"],
            "port": item["Port"],
            "protocol": item["Protocol"],
            "sslPolicy": item.get("SslPolicy") if secure else None,
            "alpnPolicy": next(iter(item.get("AlpnPolicy") or ()), None),
            "certificateArn": certificates[0].get("CertificateArn"),
            "defaultActions": [_action_state(action) for action in item["DefaultActions"]],
            "tagsAll": self.tagging.decode(self.tags(aws, id_, item)) if self.tagging else {},
        }

    def update(self, aws: Account, id_: str, old: Properties, new: Properties, changed: set[str]) -> None:
        """Replace all settings of the listener, because port, protocol and certificate depend on each other."""
        if changed:
            aws.call("elbv2", "ModifyListener", ListenerArn=id_, **_listener(new))

    def delete(self, aws: Account, id_: str, inputs: Properties) -> None:
        """Delete the listener."""
        aws.call("elbv2", "DeleteListener", ListenerArn=id_)


class ListenerRule(ElbResource):
    """A rule of a listener, with conditions and the actions to take if all conditions are met."""

    type = "aws:lb/listenerRule:ListenerRule"
    gone = {"RuleNotFound": (), "ListenerNotFound": ()}
    replaces = ("listenerArn",)
    describe_operation = "DescribeRules"
    found = "Rules.0"
    id_parameter = "RuleArns"

    def create(self, aws: Account, inputs: Properties) -> str:
        """Create the rule."""
        answer = aws.call(
            "elbv2",
            "CreateRule",
            ListenerArn=inputs["listenerArn"],
            Priority=int(inputs["priority"]),
            **_rule(inputs),
            **self.create_tags(inputs),
        )
        return str(answer["Rules"][0]["RuleArn"])

    def state(self, aws: Account, id_: str, item: Any) -> Properties:
        """Return the state in Pulumi's names. The ARN of a rule contains the ARN of its listener."""
        return {
            "arn": id_,
            "listenerArn": id_.replace(":listener-rule/", ":listener/").rpartition("/")[0],
            "priority": int(item["Priority"]),
            "conditions": [_condition_state(each) for each in item["Conditions"]],
            "actions": [_action_state(action) for action in item["Actions"]],
            "tagsAll": self.tagging.decode(self.tags(aws, id_, item)) if self.tagging else {},
        }

    def update(self, aws: Account, id_: str, old: Properties, new: Properties, changed: set[str]) -> None:
        """Change the priority, the conditions and the actions."""
        if "priority" in changed:
            places = [{"RuleArn": id_, "Priority": int(new["priority"])}]
            aws.call("elbv2", "SetRulePriorities", RulePriorities=places)
        if {"conditions", "actions"} & changed:
            aws.call("elbv2", "ModifyRule", RuleArn=id_, **_rule(new))

    def delete(self, aws: Account, id_: str, inputs: Properties) -> None:
        """Delete the rule."""
        aws.call("elbv2", "DeleteRule", RuleArn=id_)


def _listener(inputs: Properties) -> dict[str, Any]:
    wanted: dict[str, Any] = {
        "Port": int(inputs["port"]),
        "Protocol": inputs.get("protocol", "HTTP"),
        "DefaultActions": [_action(action) for action in inputs["defaultActions"]],
    }
    if inputs.get("sslPolicy"):
        wanted["SslPolicy"] = inputs["sslPolicy"]
    if inputs.get("alpnPolicy"):
        wanted["AlpnPolicy"] = [inputs["alpnPolicy"]]
    if inputs.get("certificateArn"):
        wanted["Certificates"] = [{"CertificateArn": inputs["certificateArn"]}]
    return wanted


# Pulumi's name of a condition -> AWS's field and block.
_CONDITIONS = {
    "hostHeader": ("host-header", "HostHeaderConfig"),
    "httpHeader": ("http-header", "HttpHeaderConfig"),
    "pathPattern": ("path-pattern", "PathPatternConfig"),
}


def _rule(inputs: Properties) -> dict[str, Any]:
    return {
        "Conditions": [
            {"Field": field, block: _condition(condition[name])}
            for condition in inputs["conditions"]
            for name, (field, block) in _CONDITIONS.items()
            if condition.get(name)
        ],
        "Actions": [_action(action) for action in inputs["actions"]],
    }


def _condition(given: Properties) -> dict[str, Any]:
    header = {"HttpHeaderName": given["httpHeaderName"]} if given.get("httpHeaderName") else {}
    return {**header, "Values": list(given["values"])}


def _condition_state(condition: Mapping[str, Any]) -> Properties:
    for name, (field, block) in _CONDITIONS.items():
        if condition["Field"] == field:
            told = condition.get(block) or {}
            header = {"httpHeaderName": told["HttpHeaderName"]} if told.get("HttpHeaderName") else {}
            return {name: {**header, "values": list(told.get("Values") or condition.get("Values") or [])}}
    return {}


_REDIRECT = {
    "host": "Host",
    "path": "Path",
    "port": "Port",
    "protocol": "Protocol",
    "query": "Query",
    "statusCode": "StatusCode",
}


_FIXED = {"contentType": "ContentType", "messageBody": "MessageBody", "statusCode": "StatusCode"}


def _action(action: Properties) -> dict[str, Any]:
    wanted: dict[str, Any] = {"Type": action["type"]}
    if action.get("targetGroupArn"):
        wanted["TargetGroupArn"] = action["targetGroupArn"]
    if action.get("redirect"):
        redirect = action["redirect"]
        wanted["RedirectConfig"] = {theirs: redirect[ours] for ours, theirs in _REDIRECT.items() if redirect.get(ours)}
    if action.get("fixedResponse"):
        fixed = action["fixedResponse"]
        wanted["FixedResponseConfig"] = {theirs: fixed[ours] for ours, theirs in _FIXED.items() if fixed.get(ours)}
    return wanted


def _action_state(action: Mapping[str, Any]) -> Properties:
    told: Properties = from_api({key: value for key, value in action.items() if key in ("Type", "TargetGroupArn")})
    if action.get("RedirectConfig"):
        told["redirect"] = from_api(action["RedirectConfig"])
    if action.get("FixedResponseConfig"):
        told["fixedResponse"] = from_api(action["FixedResponseConfig"])
    return told


TYPES: tuple[type[Resource], ...] = (Listener, ListenerRule)
