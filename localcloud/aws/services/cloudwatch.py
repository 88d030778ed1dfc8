"""CloudWatch log groups and alarms."""

from typing import Any

from localcloud.aws.account import Account
from localcloud.aws.resource import Resource, Tagging
from localcloud.aws.services.eks import RECORDED
from localcloud.protocol.values import Properties


class LogGroup(Resource):
    """A log group. Its id is its name."""

    type = "aws:cloudwatch/logGroup:LogGroup"
    gone = {"ResourceNotFoundException": ()}
    service = "logs"
    autoname = "name"
    replaces = ("namePrefix", "logGroupClass")
    renames = {"name": "logGroupName"}
    defaults = {"skipDestroy": False, "retentionInDays": 0}
    imported = ("name", "retentionInDays", "kmsKeyId", "skipDestroy")
    id_parameter = "logGroupName"
    delete_operation = "DeleteLogGroup"
    tagging = Tagging(
        add="TagResource", remove="UntagResource", target="resourceArn", form="map", tags="tags", keys="tagKeys"
    )

    def create(self, aws: Account, inputs: Properties) -> str:
        """Create the log group, then set its retention."""
        aws.mapped("logs", "CreateLogGroup", {**inputs, "tags": inputs.get("tagsAll") or None}, self.renames)
        self.update(aws, inputs["name"], {}, inputs, {"retentionInDays"} if inputs.get("retentionInDays") else set())
        return str(inputs["name"])

    def describe(self, aws: Account, id_: str) -> Any:
        """Find the log group in the list of groups whose names start with its name."""
        groups = aws.call("logs", "DescribeLogGroups", logGroupNamePrefix=id_)["logGroups"]
        return next((group for group in groups if group["logGroupName"] == id_), None)

    def state(self, aws: Account, id_: str, item: Any) -> Properties:
        """Return the state. Its ARN is without the suffix `:*` for log streams."""
        arn = str(item["arn"]).removesuffix(":*")
        state = super().state(aws, id_, item)
        return {"retentionInDays": 0, "kmsKeyId": None, **state, "arn": arn}

    def tags(self, aws: Account, id_: str, item: Any) -> Any:
        """Read the tags with a separate request."""
        return aws.call("logs", "ListTagsForResource", resourceArn=aws.arn("logs", f"log-group:{id_}"))["tags"]

    def tag_target(self, aws: Account, id_: str, inputs: Properties) -> str:
        """Return the ARN."""
        return aws.arn("logs", f"log-group:{id_}")

    def update(self, aws: Account, id_: str, old: Properties, new: Properties, changed: set[str]) -> None:
        """Change the retention and the KMS key."""
        if "retentionInDays" in changed:
            days = int(new.get("retentionInDays") or 0)
            if days:
                aws.call("logs", "PutRetentionPolicy", logGroupName=id_, retentionInDays=days)
            else:
                aws.call("logs", "DeleteRetentionPolicy", logGroupName=id_)
        if "kmsKeyId" in changed:
            if new.get("kmsKeyId"):
                aws.call("logs", "AssociateKmsKey", logGroupName=id_, kmsKeyId=new["kmsKeyId"])
            else:
                aws.call("logs", "DisassociateKmsKey", logGroupName=id_)

    def delete(self, aws: Account, id_: str, inputs: Properties) -> None:
        """Delete the log group, unless `skipDestroy` is set."""
        if not inputs.get("skipDestroy"):
            super().delete(aws, id_, inputs)


class MetricAlarm(Resource):
    """An alarm on one metric. Its id is its name. Local metrics have no values, so the alarm never triggers."""

    type = "aws:cloudwatch/metricAlarm:MetricAlarm"
    recorded = RECORDED
    service = "cloudwatch"
    autoname = "name"
    replaces = ("name",)
    renames = {"name": "AlarmName", "okActions": "OKActions"}
    defaults = {"actionsEnabled": True, "treatMissingData": "missing"}
    tagging = Tagging(add="TagResource", remove="UntagResource", target="ResourceARN")

    def create(self, aws: Account, inputs: Properties) -> str:
        """Create the alarm."""
        aws.mapped("cloudwatch", "PutMetricAlarm", _request(inputs), self.renames, **self.create_tags(inputs))
        return str(inputs["name"])

    def describe(self, aws: Account, id_: str) -> Any:
        """Read the alarm by its name."""
        return next(iter(aws.call("cloudwatch", "DescribeAlarms", AlarmNames=[id_])["MetricAlarms"]), None)

    def state(self, aws: Account, id_: str, item: Any) -> Properties:
        """Return the state, with dimensions as a map."""
        state = super().state(aws, id_, item)
        dimensions = {each["Name"]: each["Value"] for each in item.get("Dimensions", ())}
        threshold = item.get("Threshold")
        return {
            **state,
            "arn": item["AlarmArn"],
            "dimensions": dimensions,
            "okActions": item.get("OKActions", []),
            "threshold": int(threshold) if threshold is not None and threshold == int(threshold) else threshold,
        }

    def tags(self, aws: Account, id_: str, item: Any) -> Any:
        """Read the tags with a separate request."""
        return aws.call("cloudwatch", "ListTagsForResource", ResourceARN=item["AlarmArn"])["Tags"]

    def tag_target(self, aws: Account, id_: str, inputs: Properties) -> str:
        """Return the ARN."""
        return aws.arn("cloudwatch", f"alarm:{id_}")

    def update(self, aws: Account, id_: str, old: Properties, new: Properties, changed: set[str]) -> None:
        """Put the whole alarm again. CloudWatch has no partial update."""
        if changed:
            aws.mapped("cloudwatch", "PutMetricAlarm", _request(new), self.renames)

    def delete(self, aws: Account, id_: str, inputs: Properties) -> None:
        """Delete the alarm."""
        aws.call("cloudwatch", "DeleteAlarms", AlarmNames=[id_])


def _request(inputs: Properties) -> Properties:
    """Return the properties of an alarm with dimensions as a list, as CloudWatch expects them."""
    own = {key: value for key, value in inputs.items() if key not in ("tags", "tagsAll")}
    dimensions = [{"name": key, "value": value} for key, value in sorted((inputs.get("dimensions") or {}).items())]
    return {**own, "dimensions": dimensions}


TYPES: tuple[type[Resource], ...] = (LogGroup, MetricAlarm)
