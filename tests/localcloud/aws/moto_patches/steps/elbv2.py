"""Steps that need the patches of Elastic Load Balancing."""

from typing import Any

from localcloud.aws.target_health import health
from tests.localcloud.aws.moto_patches.steps.common import client, network


def elbv2_alpn() -> None:
    elb, certificate = client("elbv2"), client("acm").request_certificate(DomainName="a.example.org")["CertificateArn"]
    _, vpc, subnets = network()
    balancer = elb.create_load_balancer(Name="n", Type="network", Subnets=subnets)["LoadBalancers"][0]
    target = elb.create_target_group(Name="t", Protocol="TCP", Port=80, VpcId=vpc)["TargetGroups"][0]["TargetGroupArn"]
    secure = {
        "Protocol": "TLS",
        "Certificates": [{"CertificateArn": certificate}],
        "DefaultActions": [{"Type": "forward", "TargetGroupArn": target}],
    }
    arn = elb.create_listener(LoadBalancerArn=balancer["LoadBalancerArn"], Port=443, AlpnPolicy=["None"], **secure)
    id_ = arn["Listeners"][0]["ListenerArn"]
    elb.modify_listener(ListenerArn=id_, AlpnPolicy=["HTTP2Only"], **secure)
    told = elb.describe_listeners(ListenerArns=[id_])["Listeners"][0]
    assert (told["Protocol"], told["AlpnPolicy"]) == ("TLS", ["HTTP2Only"])


def elbv2_delay() -> None:
    elb, arn = client("elbv2"), target_group()
    delay = {"Key": "deregistration_delay.timeout_seconds", "Value": "3600"}
    elb.modify_target_group_attributes(TargetGroupArn=arn, Attributes=[delay])
    assert delay in elb.describe_target_group_attributes(TargetGroupArn=arn)["Attributes"]


def elbv2_grpc_codes() -> None:
    elb, arn = client("elbv2"), target_group(ProtocolVersion="GRPC", Matcher={"GrpcCode": "0"})
    elb.modify_target_group(TargetGroupArn=arn, Matcher={"GrpcCode": "0-5"})
    told = elb.describe_target_groups(TargetGroupArns=[arn])["TargetGroups"][0]
    assert told["Matcher"] == {"GrpcCode": "0-5"}


def elbv2_ssl_policies() -> None:
    name = "ELBSecurityPolicy-TLS13-1-2-FIPS-2023-04"
    told = client("elbv2").describe_ssl_policies(Names=[name])["SslPolicies"]
    assert [each["Name"] for each in told] == [name]


def target_group(**more: Any) -> str:
    _, vpc, _ = network()
    made = client("elbv2").create_target_group(Name="a", Protocol="HTTP", Port=80, VpcId=vpc, **more)
    return str(made["TargetGroups"][0]["TargetGroupArn"])


def elbv2_target_health() -> None:
    _, vpc, _ = network()
    elb = client("elbv2")
    group = elb.create_target_group(Name="a", Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip")["TargetGroups"][0]
    arn = group["TargetGroupArn"]
    elb.register_targets(TargetGroupArn=arn, Targets=[{"Id": f"10.0.0.{n}", "Port": 8080} for n in (1, 2, 3)])
    elb.deregister_targets(TargetGroupArn=arn, Targets=[{"Id": "10.0.0.3", "Port": 8080}])
    failed = {"state": "unhealthy", "reason": "Target.Timeout", "description": "Request timed out"}
    drains = {"state": "draining", "reason": "Target.DeregistrationInProgress"}
    reported = [{"id": "10.0.0.1", "port": 8080, **failed}, {"id": "10.0.0.3", "port": 8080, **drains}]
    health[arn] = reported
    found = elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
    assert {each["Target"]["Id"]: each["TargetHealth"]["State"] for each in found} == {
        "10.0.0.1": "unhealthy",
        "10.0.0.2": "initial",
        "10.0.0.3": "draining",
    }
    assert found[0]["TargetHealth"]["Reason"] == "Target.Timeout"


def elbv2_tags() -> None:
    elb = client("elbv2")
    _, vpc, _ = network()
    group = elb.create_target_group(Name="a", Protocol="HTTP", Port=80, VpcId=vpc)["TargetGroups"][0]
    elb.add_tags(ResourceArns=[group["TargetGroupArn"]], Tags=[{"Key": f"k{n}", "Value": ""} for n in range(10)])
    elb.add_tags(ResourceArns=[group["TargetGroupArn"]], Tags=[{"Key": "k10", "Value": ""}])
    told = elb.describe_tags(ResourceArns=[group["TargetGroupArn"]])["TagDescriptions"][0]["Tags"]
    assert len(told) == 11


STEPS = (
    elbv2_alpn,
    elbv2_delay,
    elbv2_grpc_codes,
    elbv2_ssl_policies,
    elbv2_target_health,
    elbv2_tags,
)
