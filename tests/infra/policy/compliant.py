"""One compliant resource of each kind; a test makes one of them violate a rule by changing one property."""

import json

from tests.infra.policy.judge import Given

DIGEST = "sha256:" + "ab" * 32
ACCOUNT = "arn:aws:iam::123456789012"

CLUSTER = Given(
    type="aws:eks/cluster:Cluster",
    properties={
        "vpcConfig": {
            "endpointPublicAccess": False,
            "endpointPrivateAccess": True,
            "publicAccessCidrs": ["203.0.113.0/24"],
        }
    },
)
LISTENER = Given(
    type="aws:lb/listener:Listener",
    properties={"port": 443, "protocol": "HTTPS", "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06"},
)
DISTRIBUTION = Given(
    type="aws:cloudfront/distribution:Distribution",
    properties={
        "defaultCacheBehavior": {"viewerProtocolPolicy": "redirect-to-https"},
        "origins": [{"customOriginConfig": {"originProtocolPolicy": "https-only"}}],
        "viewerCertificate": {"minimumProtocolVersion": "TLSv1.2_2021"},
    },
)
PUBLIC_CLUSTER = CLUSTER.but("vpcConfig.endpointPublicAccess", True)
DATABASE = Given(
    type="aws:rds/instance:Instance",
    properties={
        "dbSubnetGroupName": "private",
        "publiclyAccessible": False,
        "storageEncrypted": True,
        "kmsKeyId": "arn:aws:kms:eu-central-1:123456789012:key/1",
    },
)
BUCKET = Given(type="aws:s3/bucket:Bucket", name="logs", properties={"bucket": "logs"})
BUCKET_BLOCK = Given(
    type="aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    name="logs-block",
    properties={
        "bucket": "logs",
        "blockPublicAcls": True,
        "blockPublicPolicy": True,
        "ignorePublicAcls": True,
        "restrictPublicBuckets": True,
    },
)
DEAD_LETTERS = Given(
    type="aws:sqs/queue:Queue",
    name="dead-letters",
    properties={"arn": "arn:aws:sqs:eu-central-1:123456789012:dead", "kmsMasterKeyId": "alias/queues"},
)
QUEUE = Given(
    type="aws:sqs/queue:Queue",
    name="jobs",
    properties={
        "kmsMasterKeyId": "alias/queues",
        "redrivePolicy": json.dumps({"deadLetterTargetArn": DEAD_LETTERS.properties["arn"], "maxReceiveCount": 5}),
    },
)
SECURITY_GROUP = Given(
    type="aws:ec2/securityGroup:SecurityGroup",
    properties={
        "ingress": [
            {"protocol": "tcp", "fromPort": 443.0, "toPort": 443.0, "cidrBlocks": ["0.0.0.0/0"]},
            {"protocol": "tcp", "fromPort": 5432.0, "toPort": 5432.0, "cidrBlocks": ["10.0.0.0/8"]},
        ]
    },
)
INGRESS_RULE = Given(
    type="aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    properties={"ipProtocol": "tcp", "fromPort": 5432.0, "toPort": 5432.0, "cidrIpv4": "10.0.0.0/16"},
)
OLD_RULE = Given(
    type="aws:ec2/securityGroupRule:SecurityGroupRule",
    properties={"type": "ingress", "protocol": "tcp", "fromPort": 22.0, "toPort": 22.0, "cidrBlocks": ["10.0.0.0/8"]},
)
KEY = Given(type="aws:kms/key:Key", properties={})
REPOSITORY = Given(
    type="aws:ecr/repository:Repository",
    properties={"imageTagMutability": "IMMUTABLE", "imageScanningConfiguration": {"scanOnPush": True}},
)
NAMESPACE = Given(
    type="kubernetes:core/v1:Namespace",
    properties={"metadata": {"name": "api", "labels": {"pod-security.kubernetes.io/enforce": "restricted"}}},
)
CONFIG_MAP = Given(
    type="kubernetes:core/v1:ConfigMap",
    name="config",
    properties={
        "metadata": {"name": "config", "namespace": "api"},
        "data": {
            "LOG_LEVEL": "info",
            "SECRETS_DIR": "/run/secrets",
            "DRAIN_SECONDS": "5",
            "SHUTDOWN_GRACE_SECONDS": "20",
        },
    },
)
SERVICE_CONFIG = Given(
    type="kubernetes:core/v1:ConfigMap",
    name="service-config",
    properties={
        "metadata": {"name": "service-config", "namespace": "api"},
        "data": {
            "DB_HOST": "db.example",
            "RATE_LIMIT_PER_SECOND": "100",
            "AUTH_JWKS_URL": "https://id.example/keys",
            "AUTH_ISSUER": "https://id.example",
            "AUTH_AUDIENCE": "api",
        },
    },
)
DEPLOYMENT = Given(
    type="kubernetes:apps/v1:Deployment",
    name="api",
    properties={
        "metadata": {"name": "api", "namespace": "api"},
        "spec": {
            "selector": {"matchLabels": {"app": "api"}},
            "template": {
                "metadata": {"labels": {"app": "api"}},
                "spec": {
                    "terminationGracePeriodSeconds": 50.0,
                    "securityContext": {
                        "runAsNonRoot": True,
                        "runAsUser": 10001.0,
                        "seccompProfile": {"type": "RuntimeDefault"},
                    },
                    "volumes": [{"name": "tmp", "emptyDir": {}}],
                    "containers": [
                        {
                            "name": "server",
                            "image": f"123456789012.dkr.ecr.eu-central-1.amazonaws.com/api@{DIGEST}",
                            "ports": [{"name": "http", "containerPort": 8080.0}],
                            "env": [{"name": "LOG_LEVEL", "value": "info"}],
                            "envFrom": [{"configMapRef": {"name": "config"}}],
                            "lifecycle": {"preStop": {"sleep": {"seconds": 15.0}}},
                            "securityContext": {
                                "allowPrivilegeEscalation": False,
                                "capabilities": {"drop": ["ALL"]},
                            },
                        }
                    ],
                },
            },
        },
    },
)
POD = "spec.template.spec."
CONTAINER = POD + "containers.0."


def identity_policy(**statement: object) -> Given:
    """Return an IAM policy that allows reading one bucket, with changes to its statement."""
    allowed = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::data/*"} | statement
    return Given(type="aws:iam/policy:Policy", properties={"policy": _document(allowed)})


def web_identity_role(condition: object, **statement: object) -> Given:
    """Return a role that tokens of GitHub may assume under a condition, with changes to its statement."""
    trust = {
        "Effect": "Allow",
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": f"{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"},
        "Condition": condition,
    } | statement
    return Given(type="aws:iam/role:Role", properties={"assumeRolePolicy": _document(trust)})


def key_policy(**statement: object) -> Given:
    """Return a KMS key that its own account may use, with changes to its statement."""
    allowed = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*", "Principal": {"AWS": f"{ACCOUNT}:root"}}
    return Given(type="aws:kms/key:Key", properties={"policy": _document(allowed | statement)})


def _document(statement: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
