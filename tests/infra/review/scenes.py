"""Complete plans; the markdown of each is stored under golden/."""

from pulumi.automation.events import EngineEvent

from tests.infra.review.built import SECRET, UNKNOWN, component, error, policy, step, summary, urn

NETWORK = urn("drydock:network:Network", "network")
DATABASE = urn("drydock:database:Database", "database")
WORKLOAD = urn("drydock:workload:Workload", "api")
INSTANCE = "aws:rds/instance:Instance"
COMPONENTS = [
    component("drydock:network:Network", "network"),
    component("drydock:database:Database", "database"),
    component("drydock:workload:Workload", "api"),
]
RELEASE = step(
    "update",
    "kubernetes:apps/v1:Deployment",
    "api-deployment",
    parent=WORKLOAD,
    old={"spec": {"template": {"spec": {"containers": [{"image": "api@sha256:aa"}]}}}},
    new={"spec": {"template": {"spec": {"containers": [{"image": UNKNOWN}]}}}},
    diff={"spec.template.spec.containers[0].image": "update"},
)
SCENES: dict[str, list[EngineEvent]] = {
    "nothing": [*COMPONENTS, summary()],
    "routine": [
        *COMPONENTS,
        RELEASE,
        step("create", "aws:ec2/subnet:Subnet", "network-c", new={}, parent=NETWORK),
        summary(),
    ],
    "dangerous": [
        *COMPONENTS,
        RELEASE,
        step(
            "replace",
            INSTANCE,
            "database-instance",
            parent=DATABASE,
            old={"username": "api", "password": SECRET, "engineVersion": "17.4"},
            new={"username": "app", "password": SECRET, "engineVersion": "18.1"},
            diff={"username": "update-replace", "engineVersion": "update", "password": "update"},
        ),
        step(
            "update",
            "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
            "database-ingress",
            parent=DATABASE,
            old={"ipProtocol": "tcp", "fromPort": 5432, "toPort": 5432, "cidrIpv4": "10.0.0.0/16"},
            new={"ipProtocol": "tcp", "fromPort": 5432, "toPort": 5432, "cidrIpv4": "0.0.0.0/0"},
            diff={"cidrIpv4": "update"},
        ),
        step("delete", "aws:ec2/natGateway:NatGateway", "network-nat-a", parent=NETWORK, old={}),
        summary(),
    ],
    "blocked": [
        *COMPONENTS,
        step("create", INSTANCE, "database-instance", parent=DATABASE, new={"publiclyAccessible": True}),
        policy(
            "aws-rds-no-public-access",
            "mandatory",
            "A database must not have a public address.\ndatabase-instance (aws:rds/instance:Instance): "
            "publiclyAccessible is true. Remedy: leave publiclyAccessible out\n",
            urn(INSTANCE, "database-instance", "drydock:database:Database"),
        ),
        policy("aws-eks-private-endpoint", "advisory", "The API must be private.\ncluster: public | @octocat", ""),
        error("preview failed\n"),
        summary(),
    ],
    "failed": [error("unable to replace resource\nas it is protected ``` <b>\n", urn(INSTANCE, "database-instance"))],
}
