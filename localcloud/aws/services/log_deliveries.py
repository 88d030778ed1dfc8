"""Log deliveries of CloudWatch Logs, from a source such as a distribution to a destination such as a bucket."""

from typing import Any

from localcloud.aws.account import Account
from localcloud.aws.resource import Resource, Tagging
from localcloud.protocol.values import Properties

_GONE = {"ResourceNotFoundException": ()}


class LogDeliverySource(Resource):
    """The source of a log delivery. Its id is its name."""

    type = "aws:cloudwatch/logDeliverySource:LogDeliverySource"
    gone = _GONE
    recorded = "sending logs"
    service = "logs"
    autoname = "name"
    replaces = ("resourceArn", "logType")
    tagging = Tagging(
        add="TagResource", remove="UntagResource", target="resourceArn", form="map", tags="tags", keys="tagKeys"
    )

    def create(self, aws: Account, inputs: Properties) -> str:
        """Create the source."""
        asked = {name: inputs[name] for name in ("name", "resourceArn", "logType")}
        aws.call("logs", "PutDeliverySource", **asked, **self.create_tags(inputs))
        return str(inputs["name"])

    def read(self, aws: Account, id_: str, inputs: Properties) -> Properties | None:
        """Return the state of the source."""
        found = aws.call("logs", "GetDeliverySource", name=id_)["deliverySource"]
        return {
            "arn": found["arn"],
            "name": found["name"],
            "service": found["service"],
            "resourceArn": found["resourceArns"][0],
            "logType": found["logType"],
            "tagsAll": _log_tags(aws, found["arn"]),
        }

    def delete(self, aws: Account, id_: str, inputs: Properties) -> None:
        """Delete the source."""
        aws.call("logs", "DeleteDeliverySource", name=id_)

    def tag_target(self, aws: Account, id_: str, inputs: Properties) -> str:
        """Return the ARN."""
        return str(aws.call("logs", "GetDeliverySource", name=id_)["deliverySource"]["arn"])


class LogDeliveryDestination(Resource):
    """The destination of a log delivery. Its id is its name."""

    type = "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination"
    gone = _GONE
    recorded = "storing logs"
    service = "logs"
    autoname = "name"
    replaces = ("outputFormat",)
    tagging = LogDeliverySource.tagging

    def create(self, aws: Account, inputs: Properties) -> str:
        """Create the destination."""
        aws.call("logs", "PutDeliveryDestination", **_destination(inputs), **self.create_tags(inputs))
        return str(inputs["name"])

    def read(self, aws: Account, id_: str, inputs: Properties) -> Properties | None:
        """Return the state of the destination."""
        found = aws.call("logs", "GetDeliveryDestination", name=id_)["deliveryDestination"]
        target = found["deliveryDestinationConfiguration"]["destinationResourceArn"]
        return {
            "arn": found["arn"],
            "name": found["name"],
            "outputFormat": found.get("outputFormat"),
            "deliveryDestinationType": found["deliveryDestinationType"],
            "deliveryDestinationConfiguration": {"destinationResourceArn": target},
            "tagsAll": _log_tags(aws, found["arn"]),
        }

    def update(self, aws: Account, id_: str, old: Properties, new: Properties, changed: set[str]) -> None:
        """Replace the settings of the destination."""
        if changed:
            aws.call("logs", "PutDeliveryDestination", **_destination(new))

    def delete(self, aws: Account, id_: str, inputs: Properties) -> None:
        """Delete the destination."""
        aws.call("logs", "DeleteDeliveryDestination", name=id_)

    def tag_target(self, aws: Account, id_: str, inputs: Properties) -> str:
        """Return the ARN."""
        return str(aws.call("logs", "GetDeliveryDestination", name=id_)["deliveryDestination"]["arn"])


class LogDelivery(Resource):
    """A log delivery from a source to a destination."""

    type = "aws:cloudwatch/logDelivery:LogDelivery"
    gone = _GONE
    recorded = "its fields; nothing is delivered"
    service = "logs"
    replaces = ("deliverySourceName", "deliveryDestinationArn", "recordFields")
    tagging = LogDeliverySource.tagging

    def create(self, aws: Account, inputs: Properties) -> str:
        """Create the delivery."""
        names = ("deliverySourceName", "deliveryDestinationArn", "recordFields")
        asked = {name: inputs[name] for name in names if inputs.get(name) is not None}
        return str(aws.call("logs", "CreateDelivery", **asked, **self.create_tags(inputs))["delivery"]["id"])

    def read(self, aws: Account, id_: str, inputs: Properties) -> Properties | None:
        """Return the state of the delivery."""
        found = aws.call("logs", "GetDelivery", id=id_)["delivery"]
        return {
            "arn": found["arn"],
            "deliverySourceName": found["deliverySourceName"],
            "deliveryDestinationArn": found["deliveryDestinationArn"],
            "recordFields": found["recordFields"],
            "tagsAll": _log_tags(aws, found["arn"]),
        }

    def delete(self, aws: Account, id_: str, inputs: Properties) -> None:
        """Delete the delivery."""
        aws.call("logs", "DeleteDelivery", id=id_)

    def tag_target(self, aws: Account, id_: str, inputs: Properties) -> str:
        """Return the ARN."""
        return str(aws.call("logs", "GetDelivery", id=id_)["delivery"]["arn"])


def _log_tags(aws: Account, arn: str) -> dict[str, str]:
    return dict(aws.call("logs", "ListTagsForResource", resourceArn=arn)["tags"])


def _destination(inputs: Properties) -> dict[str, Any]:
    target = inputs["deliveryDestinationConfiguration"]["destinationResourceArn"]
    return {
        "name": inputs["name"],
        "deliveryDestinationConfiguration": {"destinationResourceArn": target},
        **({"outputFormat": inputs["outputFormat"]} if inputs.get("outputFormat") else {}),
    }


TYPES: tuple[type[Resource], ...] = (LogDeliverySource, LogDeliveryDestination, LogDelivery)
