"""AWS's error codes and messages for violated constraints of a model, where they differ from the common message.

Most services return "1 validation error detected: ...", as `refusal` does. EC2, S3 and SQS have their own messages.
"""

from collections.abc import Mapping
from typing import Any

# https://github.com/cds-snc/notification-terraform/pull/561 and https://github.com/aws-cloudformation/cfn-lint/issues/173
_GROUP = (
    "Invalid security group description. Valid descriptions are strings less than 256 characters from the following "
    "set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*"
)
_RULE = (
    "Invalid rule description. Valid descriptions are strings less than 256 characters from the following set:  "
    "a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*"
)
# https://github.com/psd401/aistudio/pull/1049
_ASCII = "Value ({value}) for parameter {name} is invalid. Character sets beyond ASCII are not supported."
# https://github.com/pulumi/pulumi-awsx/issues/328
_LIKE_AN_ID = "Value ({value}) for parameter GroupName is invalid. Group names may not be in the format sg-*."
# https://github.com/getlift/lift/issues/139
_QUEUE = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"
# https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
_XML = "The XML you provided was not well-formed or did not validate against our published schema"
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleRule.html. noobaa copied the message from AWS:
# https://github.com/noobaa/noobaa-core/pull/8628
_RULE_ID_LENGTH = 255
_RULE_ID = f"ID length should not exceed allowed limit of {_RULE_ID_LENGTH}"
_BUCKET = "The specified bucket is not valid."

# Member of a shape -> error code and message.
_MEMBERS: Mapping[str, tuple[str, str]] = {
    "CreateQueueRequest$QueueName": ("InvalidParameterValue", _QUEUE),
    "CreateSecurityGroupRequest$Description": ("InvalidParameterValue", _GROUP),
    "IpRange$Description": ("InvalidParameterValue", _RULE),
    "Ipv6Range$Description": ("InvalidParameterValue", _RULE),
    "PrefixListId$Description": ("InvalidParameterValue", _RULE),
    "SecurityGroupRuleRequest$Description": ("InvalidParameterValue", _RULE),
    "UserIdGroupPair$Description": ("InvalidParameterValue", _RULE),
}
# Members that EC2 first checks for non-ASCII characters -> EC2's name of the parameter.
_ASCII_ONLY: Mapping[str, str] = {
    "CreateSecurityGroupRequest$Description": "GroupDescription",
    "CreateSecurityGroupRequest$GroupName": "GroupName",
}


def said(service: str, member: str, path: tuple[str | int, ...], value: Any) -> tuple[str, str] | None:
    """Return a service's error code and message for a value that violates a constraint, or None if unknown.

    Args:
        service: botocore's name of the service.
        member: member that has the constraint, such as `IpRange$Description`.
        path: path of the value in the request.
        value: the value.
    """
    if member in _ASCII_ONLY and not str(value).isascii():
        return "InvalidParameterValue", _ASCII.format(value=value, name=_ASCII_ONLY[member])
    if member == "CreateSecurityGroupRequest$GroupName" and str(value).startswith("sg-"):
        return "InvalidParameterValue", _LIKE_AN_ID.format(value=value)
    if service == "s3" and path == ("Bucket",):
        return "InvalidBucketName", _BUCKET
    if service == "s3" and "Rules" in path and path[-1] in ("ID", "Id") and len(str(value)) > _RULE_ID_LENGTH:
        return "InvalidArgument", _RULE_ID
    if service == "s3" and len(path) > 1:  # in the XML body; the other parameters are headers
        return "MalformedXML", _XML
    return None if value is None else _MEMBERS.get(member)
