"""Changes made outside of Pulumi are found, listed and repaired."""

import pytest

from tests.e2e.checkout import Checkout

pytestmark = pytest.mark.e2e


def test_an_untouched_stack_has_no_drift(platform: Checkout) -> None:
    """`drydock refresh` reports nothing after `up`."""
    assert platform.run("refresh", "local").stdout.strip() == "no drift"


def test_a_deleted_bucket_is_drift(platform: Checkout) -> None:
    """The refresh reports it, `up` creates it again, and then there is no drift."""
    s3 = platform.client("s3")
    bucket = platform.outputs()["flow_logs_bucket"]
    for version in s3.list_object_versions(Bucket=bucket).get("Versions", []):
        s3.delete_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])
    s3.delete_bucket(Bucket=bucket)
    said = platform.run("refresh", "local").stdout

    assert "drift: delete aws:s3/bucket:Bucket" in said
    platform.run("up", "local")
    assert platform.outputs()["flow_logs_bucket"] in {each["Name"] for each in s3.list_buckets()["Buckets"]}
    assert platform.run("refresh", "local").stdout.strip() == "no drift"


def test_a_deleted_security_group_rule_is_drift(platform: Checkout) -> None:
    """A rule that was deleted outside of Pulumi is reported."""
    ec2 = platform.client("ec2")
    rules = ec2.describe_security_group_rules()["SecurityGroupRules"]
    rule = next(rule for rule in rules if not rule["IsEgress"] and rule.get("FromPort") == 5432)
    ec2.revoke_security_group_ingress(GroupId=rule["GroupId"], SecurityGroupRuleIds=[rule["SecurityGroupRuleId"]])
    said = platform.run("refresh", "local").stdout

    assert "drift: delete aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule" in said
    platform.run("up", "local")
    assert platform.run("refresh", "local").stdout.strip() == "no drift"
