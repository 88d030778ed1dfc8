"""Where each setting goes: resource, property and value, one row for each place."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stacks import bundled
from stacks.settings import Settings
from tests.support.recorder import Recorded
from tests.support.services import named
from tests.support.worlds import World

Expected = Callable[[Settings], Any]


@dataclass(frozen=True)
class Destination:
    """A property of all resources of a type, or of the one with this name. Those of `drydock:services` do not count."""

    type: str
    name: str | None
    path: str
    """Path into the inputs with dots, also into JSON text. `@protect` is the resource option."""
    expected: Expected
    optional: bool = False
    """Whether the resource may be missing in a stack."""

    def found(self, world: World) -> list[Any]:
        """Return the values at this place."""
        others = tuple(service.workload for service in named(world))
        resources = [r for r in world.all(self.type) if self.name in (None, r.name) and not r.name.startswith(others)]
        assert resources or self.optional, f"no {self.type} {self.name or ''}"
        return [_look(resource, self.path) for resource in resources]


def _look(resource: Recorded, path: str) -> Any:
    if path == "@protect":
        return resource.protect
    value: Any = resource.inputs
    for step in path.split("."):
        value = json.loads(value) if isinstance(value, str) else value
        value = value[int(step)] if isinstance(value, list) else value.get(step)
    return value


AWS = "pulumi:providers:aws"
VPC, SUBNET, NAT = "aws:ec2/vpc:Vpc", "aws:ec2/subnet:Subnet", "aws:ec2/natGateway:NatGateway"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
BUCKET = "aws:s3/bucket:Bucket"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
CLUSTER, LOGS = "aws:eks/cluster:Cluster", "aws:cloudwatch/logGroup:LogGroup"
POOL, IMAGE = "kubernetes:karpenter.sh/v1:NodePool", "docker-build:index:Image"
ADDON = "aws:eks/addon:Addon"
ENTRY = "aws:eks/accessEntry:AccessEntry"
RDS, PARAMETERS = "aws:rds/instance:Instance", "aws:rds/parameterGroup:ParameterGroup"
SECRET, ECR = "aws:secretsmanager/secret:Secret", "aws:ecr/repository:Repository"
CONFIG = "kubernetes:core/v1:ConfigMap"
DEPLOYMENT, JOB = "kubernetes:apps/v1:Deployment", "kubernetes:batch/v1:Job"
AUTOSCALER = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"
BUDGET = "kubernetes:policy/v1:PodDisruptionBudget"
SERVER, WORKER = "workload-deployment", "workload-worker"
NO_WORKER = bundled.WORKER is None
CONTAINER = "spec.template.spec.containers.0"
GRACE = "spec.template.spec.terminationGracePeriodSeconds"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
BALANCER, LISTENER = "aws:lb/loadBalancer:LoadBalancer", "aws:lb/listener:Listener"
TARGETS = "aws:lb/targetGroup:TargetGroup"


def _config(variable: str, expected: Expected) -> Destination:
    return Destination(CONFIG, "workload-config", f"data.{variable}", expected)


def _container(path: str, expected: Expected) -> tuple[Destination, ...]:
    return tuple(Destination(kind, None, f"{CONTAINER}.{path}", expected) for kind in (DEPLOYMENT, JOB))


def _grace(s: Settings) -> int:
    return s.service.pre_stop_seconds + s.service.drain_seconds + s.service.shutdown_seconds + 10


def _delay(s: Settings) -> int:
    """Return the seconds that a pod keeps serving after its deregistration."""
    return s.service.pre_stop_seconds + s.service.drain_seconds + s.service.shutdown_seconds


def _http(s: Settings) -> str:
    secure = s.edge.domain or s.edge.certificate_arn
    return s.edge.http or ("redirect" if secure else "forward")


def _allowed_accounts(s: Settings) -> str | None:
    """Properties of a provider are JSON text."""
    return json.dumps([s.account_id]) if s.account_id else None


DESTINATIONS: dict[str, tuple[Destination, ...]] = {
    "region": (Destination(AWS, None, "region", lambda s: s.region), _config("AWS_REGION", lambda s: s.region)),
    "accountId": (Destination(AWS, None, "allowedAccountIds", _allowed_accounts),),
    "protect": (
        Destination(RDS, None, "@protect", lambda s: s.protect),
        Destination(CLUSTER, None, "@protect", lambda s: s.protect),
        Destination(ECR, None, "forceDelete", lambda s: not s.protect),
        Destination(BUCKET, None, "forceDestroy", lambda s: not s.protect),
        Destination(SECRET, None, "recoveryWindowInDays", lambda s: 30 if s.protect else 0, optional=True),
    ),
    "tags": (
        Destination(
            AWS,
            None,
            "defaultTags.tags",
            lambda s: {**s.tags, "Project": "drydock", "Environment": ..., "ManagedBy": "pulumi"},
        ),
    ),
    "network.cidr": (Destination(VPC, None, "cidrBlock", lambda s: str(s.network.cidr)),),
    "network.flowLogsRetentionDays": (
        Destination(
            LIFECYCLE, "network-flow-logs", "rules.0.expiration.days", lambda s: s.network.flow_logs_retention_days
        ),
    ),
    "cluster.version": (Destination(CLUSTER, None, "version", lambda s: s.cluster.version),),
    "cluster.support": (Destination(CLUSTER, None, "upgradePolicy.supportType", lambda s: s.cluster.support.upper()),),
    "cluster.serviceCidr": (
        Destination(CLUSTER, None, "kubernetesNetworkConfig.serviceIpv4Cidr", lambda s: str(s.cluster.service_cidr)),
    ),
    "cluster.publicAccessCidrs": (
        Destination(
            CLUSTER,
            None,
            "vpcConfig.publicAccessCidrs",
            lambda s: [str(cidr) for cidr in s.cluster.public_access_cidrs] or None,
        ),
        Destination(CLUSTER, None, "vpcConfig.endpointPublicAccess", lambda s: bool(s.cluster.public_access_cidrs)),
    ),
    "cluster.architecture": (
        Destination(POOL, None, "spec.template.spec.requirements.0.values", lambda s: [s.cluster.architecture]),
        Destination(IMAGE, None, "platforms", lambda s: [f"linux/{s.cluster.architecture}"]),
    ),
    "cluster.logRetentionDays": (
        *(
            Destination(LOGS, group, "retentionInDays", lambda s: s.cluster.log_retention_days)
            for group in ("cluster-logs", "pod-logs-application", "pod-logs-dataplane", "pod-logs-host")
        ),
    ),
    "cluster.metricsServerVersion": (
        Destination(ADDON, "cluster-metrics-server", "addonVersion", lambda s: s.cluster.metrics_server),
        Destination(ADDON, "cluster-metrics-server", "addonName", lambda s: "metrics-server"),
    ),
    "cluster.secretsStoreVersion": (
        Destination(ADDON, "mounted-secrets-driver", "addonVersion", lambda s: s.cluster.secrets_store_version),
    ),
    "cluster.podLogsVersion": (
        Destination(ADDON, "pod-logs-addon", "addonVersion", lambda s: s.cluster.pod_logs_version),
    ),
    "cluster.deletionProtection": (
        Destination(CLUSTER, None, "deletionProtection", lambda s: s.cluster.deletion_protection),
    ),
    "database.engineVersion": (
        Destination(RDS, None, "engineVersion", lambda s: s.database.engine_version),
        Destination(PARAMETERS, None, "family", lambda s: f"postgres{s.database.engine_version.split('.')[0]}"),
        Destination(RDS, None, "autoMinorVersionUpgrade", lambda s: False),
    ),
    "database.instanceClass": (Destination(RDS, None, "instanceClass", lambda s: s.database.instance_class),),
    "database.allocatedStorageGib": (
        Destination(RDS, None, "allocatedStorage", lambda s: s.database.allocated_storage_gib),
    ),
    "database.maxAllocatedStorageGib": (
        Destination(RDS, None, "maxAllocatedStorage", lambda s: s.database.max_allocated_storage_gib),
    ),
    "database.multiAz": (Destination(RDS, None, "multiAz", lambda s: s.database.multi_az),),
    "database.maxConnections": (
        Destination(
            PARAMETERS,
            None,
            "parameters.2",
            lambda s: {
                "name": "max_connections",
                "value": str(s.database.max_connections),
                "applyMethod": "pending-reboot",
            },
        ),
    ),
    "database.sslMode": (_config("DB_SSLMODE", lambda s: s.database.ssl_mode),),
    "database.backupRetentionDays": (
        Destination(RDS, None, "backupRetentionPeriod", lambda s: s.database.backup_retention_days),
    ),
    "database.logRetentionDays": (
        Destination(LOGS, "database-postgresql", "retentionInDays", lambda s: s.database.log_retention_days),
        Destination(LOGS, "database-upgrade", "retentionInDays", lambda s: s.database.log_retention_days),
    ),
    "database.performanceInsights": (
        Destination(RDS, None, "performanceInsightsEnabled", lambda s: s.database.performance_insights),
        Destination(
            RDS,
            None,
            "performanceInsightsRetentionPeriod",
            lambda s: 7 if s.database.performance_insights else None,
        ),
    ),
    "database.applyImmediately": (Destination(RDS, None, "applyImmediately", lambda s: s.database.apply_immediately),),
    "database.allowMajorVersionUpgrade": (
        Destination(RDS, None, "allowMajorVersionUpgrade", lambda s: s.database.allow_major_version_upgrade),
    ),
    "database.deletionProtection": (
        Destination(RDS, None, "deletionProtection", lambda s: s.database.deletion_protection),
    ),
    "database.skipFinalSnapshot": (
        Destination(RDS, None, "skipFinalSnapshot", lambda s: s.database.skip_final_snapshot),
        Destination(RDS, None, "deleteAutomatedBackups", lambda s: s.database.skip_final_snapshot),
    ),
    "edge.scheme": (
        Destination(BALANCER, None, "internal", lambda s: s.edge.scheme == "internal"),
        Destination(BALANCER, None, "loadBalancerType", lambda s: "application"),
    ),
    "edge.httpPort": (Destination(LISTENER, "edge-http", "port", lambda s: s.edge.http_port, optional=True),),
    "edge.http": (Destination(LISTENER, "edge-http", "defaultActions.0.type", _http, optional=True),),
    "alarms.topics": (
        Destination(ALARM, None, "alarmActions", lambda s: list(s.alarms.topics)),
        Destination(ALARM, None, "okActions", lambda s: list(s.alarms.topics)),
    ),
    "edge.logRetentionDays": (
        Destination(LIFECYCLE, "edge-access-logs", "rules.0.expiration.days", lambda s: s.edge.log_retention_days),
    ),
    "edge.deletionProtection": (
        Destination(BALANCER, None, "enableDeletionProtection", lambda s: s.edge.deletion_protection),
    ),
    "service.adminPort": (
        _config("ADMIN_PORT", lambda s: str(s.service.admin_port) if s.service.admin_port else None),
    ),
    "service.logLevel": (_config("LOG_LEVEL", lambda s: s.service.log_level),),
    "service.minReplicas": (Destination(AUTOSCALER, None, "spec.minReplicas", lambda s: s.service.min_replicas),),
    "service.maxReplicas": (Destination(AUTOSCALER, None, "spec.maxReplicas", lambda s: s.service.max_replicas),),
    "service.workerReplicas": (
        Destination(DEPLOYMENT, WORKER, "spec.replicas", lambda s: s.service.worker_replicas, optional=NO_WORKER),
    ),
    "service.targetCpuPercent": (
        Destination(
            AUTOSCALER,
            None,
            "spec.metrics.0.resource.target.averageUtilization",
            lambda s: s.service.target_cpu_percent,
        ),
    ),
    "service.maxConnections": (_config("MAX_CONNECTIONS", lambda s: str(s.service.max_connections)),),
    "service.cpuRequest": _container("resources.requests.cpu", lambda s: s.service.cpu_request),
    "service.memoryRequest": _container("resources.requests.memory", lambda s: s.service.memory_request),
    "service.memoryLimit": _container("resources.limits.memory", lambda s: s.service.memory_limit),
    "service.preStopSeconds": (
        Destination(TARGETS, "edge-pods", "deregistrationDelay", _delay),
        Destination(
            DEPLOYMENT, SERVER, f"{CONTAINER}.lifecycle.preStop.sleep.seconds", lambda s: s.service.pre_stop_seconds
        ),
        Destination(DEPLOYMENT, SERVER, GRACE, _grace),
    ),
    "service.drainSeconds": (
        Destination(TARGETS, "edge-pods", "deregistrationDelay", _delay),
        _config("DRAIN_SECONDS", lambda s: str(s.service.drain_seconds)),
        Destination(DEPLOYMENT, SERVER, GRACE, _grace),
    ),
    "service.shutdownSeconds": (
        Destination(TARGETS, "edge-pods", "deregistrationDelay", _delay),
        _config("SHUTDOWN_GRACE_SECONDS", lambda s: str(s.service.shutdown_seconds)),
        Destination(DEPLOYMENT, SERVER, GRACE, _grace),
        Destination(DEPLOYMENT, WORKER, GRACE, lambda s: _grace(s) - s.service.pre_stop_seconds, optional=NO_WORKER),
    ),
    "service.minReadySeconds": (
        Destination(DEPLOYMENT, None, "spec.minReadySeconds", lambda s: s.service.min_ready_seconds),
    ),
    "service.progressDeadlineSeconds": (
        Destination(DEPLOYMENT, None, "spec.progressDeadlineSeconds", lambda s: s.service.progress_deadline_seconds),
    ),
    "service.rateLimitPerSecond": (_config("RATE_LIMIT_PER_SECOND", lambda s: str(s.service.rate_limit_per_second)),),
    "service.upstreamUrl": (_config("UPSTREAM_URL", lambda s: s.service.upstream_url),),
    "service.otlpEndpoint": (_config("OTEL_EXPORTER_OTLP_ENDPOINT", lambda s: s.service.otlp_endpoint),),
}

# These decide which resources exist, or the names of their properties have dots; the named laws cover them.
ELSEWHERE = {
    "network.availabilityZones": "laws/test_network.py: one subnet of each tier in each zone",
    "network.natStrategy": "laws/test_network.py: where routes lead",
    "network.interfaceEndpoints": "laws/test_network.py: the endpoints",
    "cluster.adminRoles": "laws/test_iam.py: the admins",
    "cluster.spotWorkers": "laws/test_nodes.py: who runs on spot instances",
    "cluster.privateAccessCidrs": "laws/test_network.py: who reaches the API server",
    "cluster.privateAccessSecurityGroups": "laws/test_network.py: who reaches the API server",
    "permissionsBoundary": "laws/test_iam.py: each role has it",
    "network.peerCidrs": "laws/test_edge.py: the clients of the load balancer",
    "edge.domain": "laws/test_edge.py: the listener, the certificate and the alias",
    "edge.zone": "laws/test_edge.py: the zone of both records",
    "edge.certificateArn": "laws/test_edge.py: the listener",
    "edge.cloudfront": "laws/test_edge.py: who calls the load balancer, and with which key",
    "edge.httpsPort": "laws/test_edge.py: the listener and the redirect",
    "edge.firewall": "laws/test_edge.py: the web ACL",
    "services": "test_named_services.py: what each service gets",
    "service.minAvailable": "laws/test_kubernetes.py: the budget",
    "service.adminNamespaces": "laws/test_network_policies.py: who reaches the admin port",
    "service.auth": "laws/test_service_settings.py: what the service reads; laws/test_network_policies.py: its port",
    "service.egressPorts": "laws/test_network_policies.py: the ports that the pods reach",
    "service.environment": "laws/test_service_settings.py: what the service is given",
    "service.secrets": "laws/test_service_settings.py: the files; laws/test_iam.py: the rights",
    "service.faultInjection": "laws/test_service_settings.py: the token",
}

# These change no resource: only commands read them.
OF_COMMANDS = {
    "budget.monthlyUsd": "tests/infra/costs/test_budget.py: what exceeds it",
}
