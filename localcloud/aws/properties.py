"""The input properties that the local cloud keeps. It refuses all others, so that no property is silently dropped.

A property is kept if the account returns it, or if it controls how the stand-in changes or deletes the resource.
`tests/localcloud/aws/test_properties.py` compares this table with the account, for each property of Pulumi's types.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from localcloud.aws.judge.refusal import Path, dotted, names_of
from localcloud.aws.waf_properties import ACL_KEPT, ACL_RECORDED
from localcloud.protocol.servicer import ProviderError, Target
from localcloud.protocol.values import Properties

_OWN = ("tagsAll", "region")  # added by the stand-in
_Tree = dict[str, "_Tree"]

_RULE = ("protocol", "fromPort", "toPort", "description", "cidrBlocks", "ipv6CidrBlocks", "securityGroups", "self")
_INLINE = " ".join(f"{direction}.{name}" for direction in ("ingress", "egress") for name in _RULE)
_RULE_RESOURCE = """
    cidrIpv4 cidrIpv6 description fromPort ipProtocol prefixListId referencedSecurityGroupId securityGroupId tags
    toPort"""

KEPT: Mapping[str, str] = {
    "aws:ec2/vpc:Vpc": """
        cidrBlock enableDnsHostnames enableDnsSupport enableNetworkAddressUsageMetrics instanceTenancy tags""",
    "aws:ec2/subnet:Subnet": """
        assignIpv6AddressOnCreation availabilityZone availabilityZoneId cidrBlock mapPublicIpOnLaunch tags vpcId""",
    "aws:ec2/internetGateway:InternetGateway": "tags vpcId",
    "aws:ec2/eip:Eip": "domain tags",
    "aws:ec2/natGateway:NatGateway": "allocationId connectivityType subnetId tags",
    "aws:ec2/vpcEndpoint:VpcEndpoint": """
        dnsOptions.privateDnsOnlyForInboundResolverEndpoint
        ipAddressType policy privateDnsEnabled routeTableIds securityGroupIds serviceName subnetIds tags vpcEndpointType
        vpcId""",
    "aws:ec2/flowLog:FlowLog": """
        destinationOptions.fileFormat destinationOptions.hiveCompatiblePartitions destinationOptions.perHourPartition
        eniId iamRoleArn logDestination logDestinationType logFormat maxAggregationInterval subnetId tags trafficType
        vpcId""",
    "aws:ec2/routeTable:RouteTable": "tags vpcId",
    "aws:ec2/route:Route": """
        destinationCidrBlock destinationIpv6CidrBlock destinationPrefixListId egressOnlyGatewayId gatewayId natGatewayId
        networkInterfaceId routeTableId transitGatewayId vpcPeeringConnectionId""",
    "aws:ec2/routeTableAssociation:RouteTableAssociation": "routeTableId subnetId",
    "aws:ec2/securityGroup:SecurityGroup": f"description name namePrefix revokeRulesOnDelete tags vpcId {_INLINE}",
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": f"tags vpcId {_INLINE}",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _RULE_RESOURCE,
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _RULE_RESOURCE,
    "aws:eks/cluster:Cluster": """
        accessConfig.authenticationMode accessConfig.bootstrapClusterCreatorAdminPermissions bootstrapSelfManagedAddons
        computeConfig.enabled computeConfig.nodePools computeConfig.nodeRoleArn deletionProtection
        enabledClusterLogTypes encryptionConfig.provider.keyArn encryptionConfig.resources
        kubernetesNetworkConfig.elasticLoadBalancing.enabled kubernetesNetworkConfig.ipFamily
        kubernetesNetworkConfig.serviceIpv4Cidr name roleArn storageConfig.blockStorage.enabled tags
        upgradePolicy.supportType version vpcConfig.endpointPrivateAccess vpcConfig.endpointPublicAccess
        vpcConfig.publicAccessCidrs vpcConfig.securityGroupIds vpcConfig.subnetIds zonalShiftConfig.enabled""",
    "aws:eks/accessEntry:AccessEntry": "clusterName kubernetesGroups principalArn tags type userName",
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": """
        accessScope.namespaces accessScope.type clusterName policyArn principalArn""",
    "aws:eks/addon:Addon": """
        addonName addonVersion clusterName configurationValues namespaceConfig.namespace
        podIdentityAssociations.roleArn podIdentityAssociations.serviceAccount preserve resolveConflictsOnCreate
        resolveConflictsOnUpdate serviceAccountRoleArn tags""",
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": """
        clusterName disableSessionTags namespace policy roleArn serviceAccount tags targetRoleArn""",
    "aws:iam/role:Role": """
        assumeRolePolicy description forceDetachPolicies maxSessionDuration name namePrefix path permissionsBoundary
        tags""",
    "aws:iam/rolePolicy:RolePolicy": "name namePrefix policy role",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": "policyArn role",
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": "clientIdLists tags thumbprintLists url",
    "aws:iam/policy:Policy": "description name namePrefix path policy tags",
    "aws:kms/key:Key": """
        bypassPolicyLockoutSafetyCheck customerMasterKeySpec deletionWindowInDays description enableKeyRotation
        isEnabled keyUsage multiRegion policy rotationPeriodInDays tags""",
    "aws:kms/alias:Alias": "name namePrefix targetKeyId",
    "aws:cloudwatch/logGroup:LogGroup": "kmsKeyId logGroupClass name namePrefix retentionInDays skipDestroy tags",
    "aws:cloudwatch/metricAlarm:MetricAlarm": """
        actionsEnabled alarmActions alarmDescription comparisonOperator datapointsToAlarm dimensions evaluationPeriods
        extendedStatistic insufficientDataActions metricName name namespace okActions period statistic tags threshold
        treatMissingData unit""",
    "aws:rds/instance:Instance": """
        allocatedStorage allowMajorVersionUpgrade applyImmediately autoMinorVersionUpgrade availabilityZone
        backupRetentionPeriod backupWindow caCertIdentifier copyTagsToSnapshot databaseInsightsMode dbName
        dbSubnetGroupName dedicatedLogVolume
        deleteAutomatedBackups deletionProtection enabledCloudwatchLogsExports engine engineVersion
        finalSnapshotIdentifier iamDatabaseAuthenticationEnabled identifier identifierPrefix instanceClass iops kmsKeyId
        licenseModel maintenanceWindow manageMasterUserPassword masterUserSecretKmsKeyId maxAllocatedStorage
        monitoringInterval monitoringRoleArn multiAz parameterGroupName password performanceInsightsEnabled
        performanceInsightsKmsKeyId performanceInsightsRetentionPeriod port publiclyAccessible skipFinalSnapshot
        storageEncrypted storageThroughput
        storageType tags username vpcSecurityGroupIds""",
    "aws:rds/subnetGroup:SubnetGroup": "description name namePrefix subnetIds tags",
    "aws:rds/parameterGroup:ParameterGroup": """
        description family name namePrefix parameters.applyMethod parameters.name parameters.value tags""",
    "aws:ecr/repository:Repository": """
        encryptionConfigurations.encryptionType encryptionConfigurations.kmsKey forceDelete
        imageScanningConfiguration.scanOnPush imageTagMutability imageTagMutabilityExclusionFilters.filter
        imageTagMutabilityExclusionFilters.filterType name tags""",
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": "policy repository",
    "aws:ecr/repositoryPolicy:RepositoryPolicy": "policy repository",
    "aws:secretsmanager/secret:Secret": """
        description forceOverwriteReplicaSecret kmsKeyId name namePrefix policy recoveryWindowInDays tags""",
    "aws:secretsmanager/secretVersion:SecretVersion": "secretId secretString",
    "aws:s3/bucket:Bucket": "bucket bucketPrefix forceDestroy tags",
    "aws:s3/bucketVersioning:BucketVersioning": "bucket versioningConfiguration.status",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": """
        bucket rules.applyServerSideEncryptionByDefault.kmsMasterKeyId
        rules.applyServerSideEncryptionByDefault.sseAlgorithm rules.bucketKeyEnabled""",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": """
        blockPublicAcls blockPublicPolicy bucket ignorePublicAcls restrictPublicBuckets""",
    "aws:s3/bucketPolicy:BucketPolicy": "bucket policy",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": """
        bucket rules.abortIncompleteMultipartUpload.daysAfterInitiation rules.expiration.date rules.expiration.days
        rules.expiration.expiredObjectDeleteMarker rules.filter.and.objectSizeGreaterThan
        rules.filter.and.objectSizeLessThan rules.filter.and.prefix rules.filter.objectSizeGreaterThan
        rules.filter.objectSizeLessThan rules.filter.prefix rules.filter.tag.key rules.filter.tag.value rules.id
        rules.noncurrentVersionExpiration.newerNoncurrentVersions rules.noncurrentVersionExpiration.noncurrentDays
        rules.noncurrentVersionTransitions.newerNoncurrentVersions rules.noncurrentVersionTransitions.noncurrentDays
        rules.noncurrentVersionTransitions.storageClass rules.prefix rules.status rules.transitions.date
        rules.transitions.days rules.transitions.storageClass""",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": "bucket rule.objectOwnership",
    "aws:sqs/queue:Queue": """
        contentBasedDeduplication deduplicationScope delaySeconds fifoQueue fifoThroughputLimit
        kmsDataKeyReusePeriodSeconds kmsMasterKeyId maxMessageSize messageRetentionSeconds name namePrefix policy
        receiveWaitTimeSeconds redriveAllowPolicy redrivePolicy sqsManagedSseEnabled tags visibilityTimeoutSeconds""",
    "aws:sqs/queuePolicy:QueuePolicy": "policy queueUrl",
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": "queueUrl redriveAllowPolicy",
    "aws:lb/loadBalancer:LoadBalancer": """
        accessLogs.bucket accessLogs.enabled accessLogs.prefix clientKeepAlive desyncMitigationMode
        dropInvalidHeaderFields enableDeletionProtection enableHttp2 enableTlsVersionAndCipherSuiteHeaders
        enableWafFailOpen enableXffClientPort enableZonalShift idleTimeout internal ipAddressType loadBalancerType name
        namePrefix preserveHostHeader securityGroups subnets tags xffHeaderProcessingMode""",
    "aws:lb/targetGroup:TargetGroup": """
        deregistrationDelay healthCheck.enabled healthCheck.healthyThreshold healthCheck.interval healthCheck.matcher
        healthCheck.path healthCheck.port healthCheck.protocol healthCheck.timeout healthCheck.unhealthyThreshold
        ipAddressType loadBalancingAlgorithmType loadBalancingAnomalyMitigation loadBalancingCrossZoneEnabled name
        namePrefix port protocol protocolVersion slowStart stickiness.cookieDuration stickiness.cookieName
        stickiness.enabled stickiness.type tags targetType vpcId""",
    "aws:lb/listener:Listener": """
        alpnPolicy certificateArn defaultActions.fixedResponse.contentType defaultActions.fixedResponse.messageBody
        defaultActions.fixedResponse.statusCode defaultActions.redirect.host defaultActions.redirect.path
        defaultActions.redirect.port defaultActions.redirect.protocol defaultActions.redirect.query
        defaultActions.redirect.statusCode defaultActions.targetGroupArn defaultActions.type loadBalancerArn port
        protocol sslPolicy tags""",
    "aws:lb/listenerRule:ListenerRule": """
        actions.targetGroupArn actions.type conditions.hostHeader.values conditions.httpHeader.httpHeaderName
        conditions.httpHeader.values conditions.pathPattern.values listenerArn priority tags""",
    "aws:acm/certificate:Certificate": "domainName keyAlgorithm subjectAlternativeNames tags validationMethod",
    "aws:acm/certificateValidation:CertificateValidation": "certificateArn",
    "aws:route53/record:Record": """
        aliases.evaluateTargetHealth aliases.name aliases.zoneId name records ttl type zoneId""",
    "aws:wafv2/webAcl:WebAcl": ACL_KEPT,
    "aws:wafv2/webAclAssociation:WebAclAssociation": "resourceArn webAclArn",
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": """
        logDestinationConfigs redactedFields.method.- redactedFields.queryString.- redactedFields.singleHeader.name
        redactedFields.uriPath.- resourceArn""",
    "aws:cloudfront/distribution:Distribution": """
        customErrorResponses.errorCachingMinTtl customErrorResponses.errorCode customErrorResponses.responseCode
        customErrorResponses.responsePagePath defaultRootObject priceClass origins.originShield.enabled
        origins.originShield.originShieldRegion aliases comment defaultCacheBehavior.allowedMethods
        defaultCacheBehavior.cachePolicyId defaultCacheBehavior.cachedMethods defaultCacheBehavior.compress
        defaultCacheBehavior.originRequestPolicyId defaultCacheBehavior.targetOriginId
        defaultCacheBehavior.viewerProtocolPolicy enabled httpVersion isIpv6Enabled origins.customHeaders.name
        origins.customHeaders.value origins.customOriginConfig.httpPort origins.customOriginConfig.httpsPort
        origins.customOriginConfig.originKeepaliveTimeout origins.customOriginConfig.originProtocolPolicy
        origins.customOriginConfig.originReadTimeout origins.customOriginConfig.originSslProtocols origins.domainName
        origins.originId restrictions.geoRestriction.locations restrictions.geoRestriction.restrictionType tags
        viewerCertificate.acmCertificateArn viewerCertificate.minimumProtocolVersion viewerCertificate.sslSupportMethod
        webAclId""",
    "aws:cloudwatch/logDeliverySource:LogDeliverySource": "logType name resourceArn tags",
    "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": """
        deliveryDestinationConfiguration.destinationResourceArn name outputFormat tags""",
    "aws:cloudwatch/logDelivery:LogDelivery": "deliveryDestinationArn deliverySourceName recordFields tags",
}
"""Kept properties by type. `a.b` is `b` in the block `a`, or in each block of the list `a`.

`a.-` is an empty block `a`, of which no property is kept.
"""

RECORDED: Mapping[str, str] = {
    "aws:ec2/vpc:Vpc": "enableNetworkAddressUsageMetrics instanceTenancy",
    "aws:ec2/vpcEndpoint:VpcEndpoint": "dnsOptions.privateDnsOnlyForInboundResolverEndpoint ipAddressType",
    "aws:ec2/flowLog:FlowLog": """
        destinationOptions.fileFormat destinationOptions.hiveCompatiblePartitions destinationOptions.perHourPartition
        logFormat maxAggregationInterval trafficType""",
    "aws:eks/cluster:Cluster": """
        accessConfig.bootstrapClusterCreatorAdminPermissions bootstrapSelfManagedAddons computeConfig.enabled
        computeConfig.nodePools computeConfig.nodeRoleArn enabledClusterLogTypes encryptionConfig.provider.keyArn
        encryptionConfig.resources storageConfig.blockStorage.enabled upgradePolicy.supportType
        zonalShiftConfig.enabled""",
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": "targetRoleArn",
    "aws:cloudwatch/logGroup:LogGroup": "logGroupClass retentionInDays",
    "aws:rds/instance:Instance": """
        applyImmediately autoMinorVersionUpgrade backupRetentionPeriod backupWindow caCertIdentifier
        databaseInsightsMode dedicatedLogVolume enabledCloudwatchLogsExports iops maintenanceWindow monitoringInterval
        monitoringRoleArn multiAz performanceInsightsEnabled performanceInsightsKmsKeyId
        performanceInsightsRetentionPeriod port storageThroughput storageType""",
    "aws:rds/parameterGroup:ParameterGroup": "parameters.applyMethod parameters.name parameters.value",
    "aws:sqs/queue:Queue": "kmsDataKeyReusePeriodSeconds sqsManagedSseEnabled",
    "aws:lb/loadBalancer:LoadBalancer": """
        accessLogs.bucket accessLogs.enabled accessLogs.prefix desyncMitigationMode enableHttp2
        enableTlsVersionAndCipherSuiteHeaders enableWafFailOpen enableXffClientPort enableZonalShift
        preserveHostHeader""",
    "aws:lb/targetGroup:TargetGroup": """
        loadBalancingAlgorithmType loadBalancingAnomalyMitigation loadBalancingCrossZoneEnabled slowStart
        stickiness.cookieDuration stickiness.cookieName stickiness.enabled stickiness.type""",
    "aws:lb/listener:Listener": "alpnPolicy sslPolicy",
    "aws:acm/certificate:Certificate": "keyAlgorithm",
    "aws:wafv2/webAcl:WebAcl": ACL_RECORDED,
    "aws:wafv2/webAclAssociation:WebAclAssociation": "resourceArn webAclArn",
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": """
        logDestinationConfigs redactedFields.singleHeader.name""",
    "aws:cloudfront/distribution:Distribution": """
        customErrorResponses.errorCachingMinTtl customErrorResponses.errorCode customErrorResponses.responseCode
        customErrorResponses.responsePagePath defaultRootObject priceClass origins.originShield.enabled
        origins.originShield.originShieldRegion comment defaultCacheBehavior.allowedMethods
        defaultCacheBehavior.cachePolicyId defaultCacheBehavior.cachedMethods defaultCacheBehavior.compress
        defaultCacheBehavior.originRequestPolicyId defaultCacheBehavior.targetOriginId
        defaultCacheBehavior.viewerProtocolPolicy httpVersion isIpv6Enabled origins.customOriginConfig.httpPort
        origins.customOriginConfig.httpsPort origins.customOriginConfig.originKeepaliveTimeout
        origins.customOriginConfig.originProtocolPolicy origins.customOriginConfig.originReadTimeout
        origins.customOriginConfig.originSslProtocols origins.originId restrictions.geoRestriction.locations
        restrictions.geoRestriction.restrictionType viewerCertificate.acmCertificateArn
        viewerCertificate.minimumProtocolVersion viewerCertificate.sslSupportMethod webAclId""",
    "aws:cloudwatch/logDeliverySource:LogDeliverySource": "logType name resourceArn",
    "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": """
        deliveryDestinationConfiguration.destinationResourceArn name outputFormat""",
    "aws:cloudwatch/logDelivery:LogDelivery": "deliveryDestinationArn deliverySourceName recordFields",
}
"""The properties of `KEPT` that have no effect in the local cloud. It only returns them."""

INSTEAD: Mapping[str, Mapping[str, str]] = {
    "aws:ec2/routeTable:RouteTable": {"routes": "aws.ec2.Route"},
    "aws:ec2/securityGroup:SecurityGroup": {
        "ingress.prefixListIds": "aws.vpc.SecurityGroupIngressRule with prefixListId",
        "egress.prefixListIds": "aws.vpc.SecurityGroupEgressRule with prefixListId",
    },
    "aws:iam/role:Role": {
        "inlinePolicies": "aws.iam.RolePolicy",
        "managedPolicyArns": "aws.iam.RolePolicyAttachment",
    },
    "aws:rds/instance:Instance": {
        "passwordWo": "password",
        "passwordWoVersion": "password",
    },
    "aws:secretsmanager/secretVersion:SecretVersion": {
        "secretBinary": "secretString",
        "secretStringWo": "secretString",
        "secretStringWoVersion": "secretString",
    },
    "aws:s3/bucket:Bucket": {
        "lifecycleRules": "aws.s3.BucketLifecycleConfiguration",
        "policy": "aws.s3.BucketPolicy",
        "serverSideEncryptionConfiguration": "aws.s3.BucketServerSideEncryptionConfiguration",
        "versioning": "aws.s3.BucketVersioning",
    },
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": {"rules.filter.and.tags": "filter.tag"},
    "aws:lb/listener:Listener": {"defaultActions.forward": "targetGroupArn"},
    "aws:lb/listenerRule:ListenerRule": {"actions.forward": "targetGroupArn"},
    "aws:lb/loadBalancer:LoadBalancer": {"subnetMappings": "subnets"},
    "aws:wafv2/webAcl:WebAcl": {"ruleJson": "rules"},
}
"""Type -> property that is not kept -> its replacement."""

OTHER_ENGINES: Mapping[str, str] = {
    # botocore rds CreateDBInstanceMessage.Timezone
    "timezone": "RDS for Db2 and RDS for SQL Server",
    # pulumi_aws rds.Instance.character_set_name
    "characterSetName": "RDS for Oracle and RDS for SQL Server",
    # botocore rds CreateDBInstanceMessage.NcharCharacterSetName
    "ncharCharacterSetName": "RDS for Oracle",
    # botocore rds CreateDBInstanceReadReplicaMessage.ReplicaMode
    "replicaMode": "RDS for Db2 and RDS for Oracle",
}
"""Property of an RDS instance -> engines for which AWS supports it. The local cloud has only PostgreSQL."""


def check(target: Target, inputs: Properties, *, regional: bool) -> None:
    """Refuse properties that the local cloud does not keep.

    Args:
        target: the resource.
        inputs: inputs of the resource, in Pulumi's names.
        regional: whether the type has the property `region`.

    Raises:
        ProviderError: the inputs have such properties. The message lists the paths of all of them.
    """
    kept = _tree(KEPT.get(target.type, "")) | ({"region": {}} if regional else {})
    if "tags" in kept:
        kept["tagsAll"] = {}  # computed from `tags`, and part of the inputs in a state
    found = [(dotted(path), _hint(target.type, path)) for path in _not_kept(inputs, kept, ())]
    if found:
        names = ", ".join(f"{path} ({hint})" if hint else path for path, hint in found)
        raise ProviderError(
            f"{target.type} {target.name}: the local cloud does not keep {names}: leave it out of this stack, or add "
            "it to localcloud/aws/properties.py and to the type in localcloud/aws/services"
        )


def recorded(type_: str, inputs: Properties) -> set[str]:
    """Return the inputs that are only recorded, each as `type path`."""
    names = set(RECORDED.get(type_, "").split())
    return {f"{type_} {name}" for name in map(names_of, _leaves(inputs, ())) if name in names}


def given(type_: str, inputs: Properties) -> set[str]:
    """Return all inputs, each as `type path`. All tags count as one input."""
    own = {key: True if key == "tags" else value for key, value in inputs.items() if key not in _OWN}
    return {f"{type_} {name}" for name in map(names_of, _leaves(own, ()))}


def _tree(names: str) -> _Tree:
    """Return names as a tree: `"a b.c b.d"` -> `{"a": {}, "b": {"c": {}, "d": {}}}`."""
    tree: _Tree = {}
    for name in names.split():
        branch = tree
        for step in name.split("."):
            branch = branch.setdefault(step, {})
    return tree


def _not_kept(value: Any, kept: _Tree, path: Path) -> Iterator[Path]:
    """Yield the paths of properties that are not in the tree. Everything below a leaf, such as `tags`, is kept."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _not_kept(item, kept, (*path, index))
    elif isinstance(value, dict) and (kept or not path):
        for key, item in value.items():
            if item is None or key.startswith("__"):
                continue
            if key not in kept:
                yield (*path, key)
            elif kept[key]:
                yield from _not_kept(item, kept[key], (*path, key))


def _leaves(value: Any, path: Path) -> Iterator[Path]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _leaves(item, (*path, key))
    elif isinstance(value, list) and value:
        for item in value:
            yield from _leaves(item, (*path, 0))
    elif value is not None:
        yield path


def _hint(type_: str, path: Path) -> str:
    """Return what to use instead of a property, or which other engines of RDS have it. "" if there is neither."""
    name = names_of(path)
    if type_ == "aws:rds/instance:Instance" and name in OTHER_ENGINES:
        return f"AWS supports it only for {OTHER_ENGINES[name]}"
    instead = INSTEAD.get(type_, {}).get(name)
    return f"use {instead}" if instead else ""
