"""Steps that need the patches of ACM, IAM, KMS, Secrets Manager, STS and WAF."""

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from moto.iam.models import IAMBackend
from moto.sts.models import sts_backends

from tests.localcloud.aws.moto_patches.steps.common import client


def acm_key_algorithm() -> None:
    acm = client("acm")
    made = acm.request_certificate(DomainName="a.example.org", ValidationMethod="DNS", KeyAlgorithm="EC_prime256v1")
    told = acm.describe_certificate(CertificateArn=made["CertificateArn"])["Certificate"]
    assert told["KeyAlgorithm"] == "EC_prime256v1"


def acm_validation() -> None:
    acm, route53 = client("acm"), client("route53")
    arn = acm.request_certificate(DomainName="a.example.org", ValidationMethod="DNS")["CertificateArn"]

    def status() -> tuple[str, dict[str, str]]:
        told = acm.describe_certificate(CertificateArn=arn)["Certificate"]
        return told["Status"], told["DomainValidationOptions"][0]["ResourceRecord"]

    before, record = status()
    zone = route53.create_hosted_zone(Name="example.org", CallerReference="a")["HostedZone"]["Id"]
    wanted = {"Name": record["Name"], "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": record["Value"]}]}
    changes = [{"Action": "CREATE", "ResourceRecordSet": wanted}]
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})
    assert (before, status()[0]) == ("PENDING_VALIDATION", "ISSUED")


def iam_managed_policies() -> None:
    policies = [IAMBackend("aws", account).managed_policies for account in ("111111111111", "222222222222")]
    one, other = (each["arn:aws:iam::aws:policy/ReadOnlyAccess"] for each in policies)
    assert one.id == other.id
    one.attachment_count += 1
    one.versions.clear()
    assert (other.attachment_count, len(other.versions)) == (0, 1)


def kms_private_keys() -> None:
    kms = client("kms")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(rsa, "generate_private_key", lambda **_: pytest.fail("a symmetric key has no private key"))
        kms.create_key()
    id_ = kms.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    signed = {"KeyId": id_, "Message": b"text", "SigningAlgorithm": "RSASSA_PSS_SHA_256"}
    assert kms.verify(**signed, Signature=kms.sign(**signed)["Signature"])["SignatureValid"]
    assert kms.get_public_key(KeyId=id_)["PublicKey"] == kms.get_public_key(KeyId=id_)["PublicKey"]


def kms_rotation_period() -> None:
    kms = client("kms")
    id_ = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.enable_key_rotation(KeyId=id_, RotationPeriodInDays=180)
    assert kms.get_key_rotation_status(KeyId=id_)["RotationPeriodInDays"] == 180


def secrets_current() -> None:
    secrets = client("secretsmanager")
    first = secrets.create_secret(Name="s", SecretString="first")["VersionId"]
    second = secrets.put_secret_value(SecretId="s", SecretString="second")["VersionId"]
    third = secrets.put_secret_value(SecretId="s", SecretString="third", VersionStages=["AWSPENDING"])["VersionId"]
    moved = {"SecretId": "s", "VersionStage": "AWSCURRENT"}
    assert secrets.get_secret_value(SecretId="s")["SecretString"] == "second"
    for value, version, before in (("third", third, second), ("first", first, third)):
        secrets.update_secret_version_stage(**moved, MoveToVersionId=version, RemoveFromVersionId=before)
        told = secrets.get_secret_value(SecretId="s")
        assert (told["SecretString"], told["VersionId"]) == (value, version)
        assert "AWSCURRENT" in told["VersionStages"]
    fourth = secrets.put_secret_value(SecretId="s", SecretString="fourth")["VersionId"]
    stages = secrets.describe_secret(SecretId="s")["VersionIdsToStages"]
    assert {version: found for version, found in stages.items() if found} == {
        fourth: ["AWSCURRENT"],
        first: ["AWSPREVIOUS"],
        third: ["AWSPENDING"],
    }


def secrets_description() -> None:
    secrets = client("secretsmanager")
    secrets.create_secret(Name="s", Description="first")
    secrets.update_secret(SecretId="s", Description="")
    assert not secrets.describe_secret(SecretId="s").get("Description")


def sts_session_tags() -> None:
    role = "arn:aws:iam::123456789012:role/r"
    client("sts").assume_role(RoleArn=role, RoleSessionName="session", Tags=[{"Key": "team", "Value": "a"}])
    (session,) = sts_backends["123456789012"]["aws"].assumed_roles
    assert vars(session)["session_tags"] == {"team": "a"}


def wafv2_removals() -> None:
    waf = client("wafv2")
    seen = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "m"}
    own = {"Name": "a", "Scope": "REGIONAL", "DefaultAction": {"Allow": {}}, "VisibilityConfig": seen}
    bodies = {"b": {"ContentType": "TEXT_PLAIN", "Content": "no"}}
    made = waf.create_web_acl(**own, CustomResponseBodies=bodies)["Summary"]
    waf.update_web_acl(**own, Id=made["Id"], LockToken=made["LockToken"])
    told = waf.get_web_acl(Name="a", Scope="REGIONAL", Id=made["Id"])["WebACL"]
    assert not told.get("CustomResponseBodies")


STEPS = (
    acm_key_algorithm,
    acm_validation,
    iam_managed_policies,
    kms_private_keys,
    kms_rotation_period,
    secrets_current,
    secrets_description,
    sts_session_tags,
    wafv2_removals,
)
