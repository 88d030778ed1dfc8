"""Web ACLs of AWS WAF, their associations and their logging configurations."""

from typing import Any

from localcloud.aws.account import Account
from localcloud.aws.resource import Resource, Tagging
from localcloud.aws.shapes import from_api
from localcloud.protocol.values import Properties

_GONE = {"WAFNonexistentItemException": ()}
_BODY = ("defaultAction", "description", "rules", "visibilityConfig")
_BODIES = "customResponseBodies"
# Name of `from_api` -> Pulumi's name, where their spelling differs.
_SPELLING = {
    "cloudWatchMetricsEnabled": "cloudwatchMetricsEnabled",
    "forwardedIP": "forwardedIp",
    "forwardedIPConfig": "forwardedIpConfig",
}


class WebAcl(Resource):
    """A web ACL. Its id is the id that WAF generates."""

    type = "aws:wafv2/webAcl:WebAcl"
    gone = _GONE
    recorded = "its rules; no request is inspected"
    service = "wafv2"
    autoname = "name"
    replaces = ("namePrefix", "scope")
    create_operation = "CreateWebACL"
    tagging = Tagging(add="TagResource", remove="UntagResource", target="ResourceARN")

    def create(self, aws: Account, inputs: Properties) -> str:
        """Create the web ACL."""
        own = {key: value for key, value in inputs.items() if key not in ("tags", _BODIES)}
        answer = aws.mapped("wafv2", self.create_operation, own, None, **_bodies(inputs), **self.create_tags(inputs))
        return str(answer["Summary"]["Id"])

    def read(self, aws: Account, id_: str, inputs: Properties) -> Properties | None:
        """Return the state. WAF requires name, id and scope to identify a web ACL."""
        acl = _acl(aws, id_, inputs)["WebACL"]
        bodies = acl.pop("CustomResponseBodies", None) or {}
        state: Properties = _renamed(from_api(acl))
        tags = aws.call("wafv2", "ListTagsForResource", ResourceARN=acl["ARN"])["TagInfoForResource"]["TagList"]
        return {
            **{key: state.get(key) for key in ("arn", "capacity", "name", *_BODY)},
            _BODIES: [{"key": key, **from_api(body)} for key, body in bodies.items()],
            "scope": inputs["scope"],
            "tagsAll": self.tagging.decode(tags) if self.tagging else {},
        }

    def update(self, aws: Account, id_: str, old: Properties, new: Properties, changed: set[str]) -> None:
        """Replace all settings. WAF removes settings that an update omits."""
        if changed:
            found = _acl(aws, id_, new)
            body = {key: new[key] for key in _BODY if new.get(key) is not None}
            named = {"Name": new["name"], "Id": id_, "Scope": new["scope"], "LockToken": found["LockToken"]}
            aws.mapped("wafv2", "UpdateWebACL", body, None, **named, **_bodies(new))

    def delete(self, aws: Account, id_: str, inputs: Properties) -> None:
        """Delete the web ACL."""
        token = _acl(aws, id_, inputs)["LockToken"]
        aws.call("wafv2", "DeleteWebACL", Name=inputs["name"], Id=id_, Scope=inputs["scope"], LockToken=token)

    def tag_target(self, aws: Account, id_: str, inputs: Properties) -> str:
        """Return the ARN."""
        return str(_acl(aws, id_, inputs)["WebACL"]["ARN"])


class WebAclAssociation(Resource):
    """The association of a web ACL with a resource. Its id has the format of Pulumi's provider: `acl,resource`."""

    type = "aws:wafv2/webAclAssociation:WebAclAssociation"
    gone = _GONE
    recorded = "protecting the resource"
    service = "wafv2"
    replaces = ("resourceArn", "webAclArn")

    def create(self, aws: Account, inputs: Properties) -> str:
        """Associate the web ACL with the resource."""
        acl, resource = inputs["webAclArn"], inputs["resourceArn"]
        aws.call("wafv2", "AssociateWebACL", WebACLArn=acl, ResourceArn=resource)
        return f"{acl},{resource}"

    def read(self, aws: Account, id_: str, inputs: Properties) -> Properties | None:
        """Return the state, or None if the resource has no web ACL."""
        resource = id_.partition(",")[2]
        acl = aws.call("wafv2", "GetWebACLForResource", ResourceArn=resource).get("WebACL")
        return {"webAclArn": acl["ARN"], "resourceArn": resource} if acl else None

    def delete(self, aws: Account, id_: str, inputs: Properties) -> None:
        """Disassociate the web ACL from the resource."""
        aws.call("wafv2", "DisassociateWebACL", ResourceArn=id_.partition(",")[2])


class WebAclLoggingConfiguration(Resource):
    """The logging configuration of a web ACL. Its id is the ARN of the web ACL."""

    type = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"
    gone = _GONE
    recorded = "its destinations and fields; nothing is logged"
    service = "wafv2"
    replaces = ("resourceArn",)

    def create(self, aws: Account, inputs: Properties) -> str:
        """Set the logging configuration."""
        self.update(aws, inputs["resourceArn"], {}, inputs, {"logDestinationConfigs"})
        return str(inputs["resourceArn"])

    def read(self, aws: Account, id_: str, inputs: Properties) -> Properties | None:
        """Return the destinations and the redacted fields."""
        told = aws.call("wafv2", "GetLoggingConfiguration", ResourceArn=id_)["LoggingConfiguration"]
        return {
            "resourceArn": id_,
            "logDestinationConfigs": told["LogDestinationConfigs"],
            "redactedFields": from_api(told.get("RedactedFields") or []),
        }

    def update(self, aws: Account, id_: str, old: Properties, new: Properties, changed: set[str]) -> None:
        """Replace the logging configuration."""
        if changed:
            wanted = {key: new.get(key) or [] for key in ("logDestinationConfigs", "redactedFields")}
            aws.mapped("wafv2", "PutLoggingConfiguration", {"loggingConfiguration": {**wanted, "resourceArn": id_}})

    def delete(self, aws: Account, id_: str, inputs: Properties) -> None:
        """Delete the logging configuration."""
        aws.call("wafv2", "DeleteLoggingConfiguration", ResourceArn=id_)


def _acl(aws: Account, id_: str, inputs: Properties) -> dict[str, Any]:
    return aws.call("wafv2", "GetWebACL", Name=inputs["name"], Id=id_, Scope=inputs["scope"])


def _renamed(value: Any) -> Any:
    """Return a value with Pulumi's spelling of all properties."""
    if isinstance(value, dict):
        return {_SPELLING.get(key, key): _renamed(item) for key, item in value.items()}
    return [_renamed(item) for item in value] if isinstance(value, list) else value


def _bodies(inputs: Properties) -> dict[str, Any]:
    """Return the parameter with the bodies of custom responses, which is a map in WAF and a list in Pulumi."""
    bodies = inputs.get(_BODIES)
    if not isinstance(bodies, list):
        return {"CustomResponseBodies": bodies} if bodies else {}
    given = {each["key"]: {"Content": each["content"], "ContentType": each["contentType"]} for each in bodies}
    return {"CustomResponseBodies": given} if given else {}


TYPES: tuple[type[Resource], ...] = (WebAcl, WebAclAssociation, WebAclLoggingConfiguration)
