"""Rules of CloudWatch Logs."""

from collections.abc import Iterator

from localcloud.aws.judge.refusal import RefusedError, known
from localcloud.aws.judge.rules.kms import service_may_use
from localcloud.aws.judge.rules.rule import Ask, Parameters, RequestRules, StateRules

_API = "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference"
# botocore logs PutRetentionPolicyRequest$retentionInDays.
_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)


def _retention(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a retention that is not one of the accepted numbers of days."""
    days = parameters.get("retentionInDays")
    if isinstance(days, int) and days not in _DAYS:
        words = (
            f"1 validation error detected: Value '{days}' at 'retentionInDays' failed to satisfy constraint: "
            f"Member must satisfy enum value set: {list(_DAYS)}"
        )
        yield _invalid("retentionInDays", days, words, f"{_API}/API_PutRetentionPolicy.html")


def _name(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse the reserved prefix `aws/`."""
    name = parameters.get("logGroupName")
    if isinstance(name, str) and known(name) and name.lower().startswith("aws/"):
        source = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html"
        yield _invalid("logGroupName", name, "Log groups starting with AWS/ are reserved for AWS.", source)


def _taken(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse the name of an existing log group in the account and region."""
    name = str(parameters.get("logGroupName"))
    groups = ask("logs", "DescribeLogGroups", logGroupNamePrefix=name)["logGroups"]
    if any(group["logGroupName"] == name for group in groups):
        yield RefusedError(
            "ResourceAlreadyExistsException",
            "The specified log group already exists",
            path=("logGroupName",),
            value=name,
            source=f"{_API}/API_CreateLogGroup.html",
        )


def _key(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse a KMS key whose policy does not allow CloudWatch Logs to use it."""
    key = parameters.get("kmsKeyId")
    if not key:
        return
    region = str(key).split(":")[3] if str(key).count(":") > 3 else ""
    if not service_may_use(ask, str(key), f"logs.{region}.amazonaws.com"):
        name = parameters.get("logGroupName")
        yield RefusedError(
            "AccessDeniedException",
            f"The specified KMS key does not exist or is not allowed to be used with LogGroup '{name}'",
            path=("kmsKeyId",),
            value=key,
            source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html",
        )


def _invalid(name: str, value: object, words: str, source: str) -> RefusedError:
    return RefusedError("InvalidParameterException", words, path=(name,), value=value, source=source)


REQUEST_RULES: RequestRules = {
    ("logs", "CreateLogGroup"): (_name,),
    ("logs", "PutRetentionPolicy"): (_retention,),
}
STATE_RULES: StateRules = {
    ("logs", "CreateLogGroup"): (_taken, _key),
    ("logs", "AssociateKmsKey"): (_key,),
}
