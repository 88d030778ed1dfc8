"""Patches of moto, one a file: defects mended and operations added, each for a range of moto's versions.

The last line of each patch's docstring says what getmoto/moto's issues and pull requests have about it: the number and
state of one, `not reported` where none was found, or `no defect` where moto does nothing wrong.

Every patch has a test in `tests/localcloud/aws/moto_patches` that fails without it, so that one which a new moto no
longer needs is noticed and deleted.
"""

from localcloud.aws.moto_patches.patch import Changes, Patch, Places

_applied: list[Changes] = []


def patches() -> tuple[Patch, ...]:
    """Return all patches, in the order in which they are applied."""
    # They load moto, which is slow to load and has to read the environment that the server sets first.
    from localcloud.aws.moto_patches import (  # noqa: PLC0415
        acm_validation,
        ec2_endpoint_dns,
        ec2_endpoint_members,
        ec2_nat_interface,
        ec2_prefix_lists,
        ec2_rule_sources,
        ecr_immutable_tags,
        ecr_names,
        eks_cluster,
        eks_parts,
        elbv2_target_health,
        iam_managed_policies,
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
        secrets_current,
        secrets_description,
        sqs,
        sts_session_tags,
    )

    return (
        acm_validation.PATCH,
        ec2_endpoint_dns.PATCH,
        ec2_endpoint_members.PATCH,
        ec2_nat_interface.PATCH,
        ec2_prefix_lists.PATCH,
        ec2_rule_sources.PATCH,
        ecr_immutable_tags.PATCH,
        ecr_names.PATCH,
        eks_parts.PATCH,
        eks_cluster.PATCH,
        elbv2_target_health.PATCH,
        iam_managed_policies.PATCH,
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
        secrets_current.PATCH,
        secrets_description.PATCH,
        sqs.PATCH,
        sts_session_tags.PATCH,
    )


def apply(places: Places, *, without: str = "") -> None:
    """Patch moto; what an earlier call in this process changed is undone first.

    Args:
        places: where the real servers are.
        without: name of a patch to leave out, for the test that it is needed.

    Raises:
        CloudError: the installed moto is none that the patches were written for.
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
