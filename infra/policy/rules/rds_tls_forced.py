"""Rule: a database refuses connections without TLS.

Anchors: CKV2_AWS_69, RDS.38, RDS.39.
"""

import re
from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import UNKNOWN, at, items
from infra.resources.resource import Resource

# Engine -> parameter, and the first version where it is on by default: "Requiring an SSL connection" in
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html
PARAMETERS = {
    "postgres": ("rds.force_ssl", 15),
    "aurora-postgresql": ("rds.force_ssl", 17),
    "mysql": ("require_secure_transport", 1000),
    "mariadb": ("require_secure_transport", 1000),
    "aurora-mysql": ("require_secure_transport", 1000),
    "sqlserver": ("rds.force_ssl", 1000),
}
FAMILY = re.compile(r"(aurora-postgresql|postgres|aurora-mysql|mysql|mariadb|sqlserver)-?[a-z]*-?(\d*)")
ON = ("1", "ON", "on")


def check(group: Resource) -> Iterator[str]:
    """Yield a finding if the parameter is off, or left out where it is off by default."""
    family = FAMILY.match(str(group.properties.get("family")))
    parameters = group.properties.get("parameters")
    if not family or parameters is UNKNOWN:
        return
    name, default_from = PARAMETERS[family[1]]
    values = [at(each, "value") for each in items(parameters) if at(each, "name") in (name, UNKNOWN)]
    if any(value is UNKNOWN or value in ON for value in values):
        return
    if values:
        yield f"{name} is {values[0]}"
    elif int(family[2] or 0) < default_from:
        yield f"{name} is not set"


RULE = resource_rule(
    name="aws-rds-tls-forced",
    severity=Severity.HIGH,
    description="A database must refuse connections without TLS.",
    remedy="set the parameter rds.force_ssl, or require_secure_transport of MySQL and MariaDB, to 1",
    types=["aws:rds/parameterGroup:ParameterGroup", "aws:rds/clusterParameterGroup:ClusterParameterGroup"],
    check=check,
)
