"""All rules, the gravest first."""

from pulumi_policy import Policy

from infra.policy.rules import (
    ecr_immutable_scanned,
    eks_no_world_access,
    eks_private_endpoint,
    graceful_stop,
    iam_no_wildcard_admin,
    iam_oidc_trust_pinned,
    image_by_digest,
    namespace_restricted,
    network_exposure_limited,
    network_needs_reached,
    no_literal_secret,
    no_public_principal,
    no_world_admin_ingress,
    pod_no_host_access,
    pod_security_restricted,
    rds_no_public_access,
    rds_storage_encrypted,
    s3_public_access_block,
    sqs_encrypted_with_dead_letters,
    stateful_protected,
)

RULES: tuple[Policy, ...] = (
    eks_no_world_access.RULE,
    rds_no_public_access.RULE,
    s3_public_access_block.RULE,
    no_world_admin_ingress.RULE,
    iam_no_wildcard_admin.RULE,
    iam_oidc_trust_pinned.RULE,
    no_public_principal.RULE,
    pod_no_host_access.RULE,
    no_literal_secret.RULE,
    network_exposure_limited.RULE,
    eks_private_endpoint.RULE,
    rds_storage_encrypted.RULE,
    sqs_encrypted_with_dead_letters.RULE,
    stateful_protected.RULE,
    ecr_immutable_scanned.RULE,
    pod_security_restricted.RULE,
    namespace_restricted.RULE,
    image_by_digest.RULE,
    graceful_stop.RULE,
    network_needs_reached.RULE,
)
