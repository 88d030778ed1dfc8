"""Patches of moto, one per file. Each fixes a defect or adds an operation, for a range of moto's versions.

The last line of each patch's docstring is its status in the issues and pull requests of getmoto/moto: the number and
state of one, `not reported` if there is none, or `no defect` if moto behaves correctly.

Every patch has a test in `tests/localcloud/aws/moto_patches` that fails without it, so that patches which a new version
of moto no longer needs are found and deleted.
"""

from localcloud.aws.moto_patches.patch import Changes, Patch, Places

_applied: list[Changes] = []


def patches() -> tuple[Patch, ...]:
    """Return all patches, in the order in which they are applied."""
    # Importing them loads moto, which is slow, and which must read environment variables that the server sets first.
    from localcloud.aws.moto_patches import (  # noqa: PLC0415
        acm_key_algorithm,
        acm_validation,
        ec2_endpoint_members,
        ec2_endpoint_options,
        ec2_flow_log_options,
        ec2_nat_interface,
        ec2_prefix_lists,
        ec2_rule_sources,
        ecr_immutable_tags,
        ecr_names,
        eks_cluster,
        eks_parts,
        elbv2_alpn,
        elbv2_delay,
        elbv2_grpc_codes,
        elbv2_ssl_policies,
        elbv2_tags,
        elbv2_target_health,
        iam_managed_policies,
        kms_private_keys,
        kms_rotation_period,
        logs_class,
        logs_kms_key,
        rds_endpoint,
        rds_insights,
        rds_license,
        rds_master_secret,
        rds_reset_parameters,
        rds_subnet_group,
        request_lookups,
        response_names,
        s3_lifecycle,
        secrets_current,
        secrets_description,
        sqs,
        sts_session_tags,
        wafv2_removals,
    )

    return (
        acm_key_algorithm.PATCH,
        acm_validation.PATCH,
        ec2_endpoint_options.PATCH,
        ec2_endpoint_members.PATCH,
        ec2_flow_log_options.PATCH,
        ec2_nat_interface.PATCH,
        ec2_prefix_lists.PATCH,
        ec2_rule_sources.PATCH,
        ecr_immutable_tags.PATCH,
        ecr_names.PATCH,
        eks_parts.PATCH,
        eks_cluster.PATCH,
        elbv2_alpn.PATCH,
        elbv2_delay.PATCH,
        elbv2_grpc_codes.PATCH,
        elbv2_ssl_policies.PATCH,
        elbv2_tags.PATCH,
        elbv2_target_health.PATCH,
        iam_managed_policies.PATCH,
        kms_private_keys.PATCH,
        kms_rotation_period.PATCH,
        logs_class.PATCH,
        logs_kms_key.PATCH,
        rds_endpoint.PATCH,
        rds_insights.PATCH,
        rds_license.PATCH,
        rds_master_secret.PATCH,
        rds_reset_parameters.PATCH,
        rds_subnet_group.PATCH,
        request_lookups.PATCH,
        response_names.PATCH,
        s3_lifecycle.PATCH,
        secrets_current.PATCH,
        secrets_description.PATCH,
        sqs.PATCH,
        sts_session_tags.PATCH,
        wafv2_removals.PATCH,
    )


def apply(places: Places, *, without: str = "") -> None:
    """Patch moto. Undo the changes of an earlier call in this process first.

    Args:
        places: addresses of the real servers.
        without: name of a patch to skip, for the test that it is needed.

    Raises:
        CloudError: the patches do not support the installed version of moto.
    """
    from moto import __version__  # noqa: PLC0415

    while _applied:
        _applied.pop().undo()
    for patch in patches():
        patch.check(__version__)
        if patch.name != without:
            changes = Changes(places)
            patch.apply(changes)
            _applied.append(changes)


__all__ = ["Places", "apply", "patches"]
