"""Runs all checks before a deployment."""

from collections.abc import Iterator, Sequence

from infra.preflight import edge, identity, names, offers, permissions, places, quotas
from infra.preflight.finding import Ask, Check, Finding, UnreadableError, Wanted

CHECKS: Sequence[tuple[str, Check]] = (
    ("account", identity.account),
    ("access to the cluster", identity.access),
    ("administrator", identity.admin_roles),
    ("permissions", permissions.permissions),
    ("permissions boundary", permissions.boundary),
    ("region", places.region),
    ("availability zone", places.zones),
    ("Kubernetes version", offers.kubernetes),
    ("add-on", offers.addons),
    ("PostgreSQL version", offers.postgresql),
    ("instance class", offers.instance_class),
    ("domain", edge.zone),
    ("certificate", edge.certificate),
    ("CloudFront", edge.cloudfront),
    ("quota", quotas.quotas),
    ("name", names.names),
)


def examine(wanted: Wanted, ask: Ask) -> Iterator[Finding]:
    """Run all checks; if a check cannot read the account, its verdict is unknown and the others continue.

    Without valid credentials there is only one finding, with the verdict "fails".
    """
    try:
        ask("sts", "GetCallerIdentity")
    except UnreadableError as error:
        yield Finding(
            check="credentials",
            verdict="fails",
            found=error.reason,
            accepted="credentials of the account",
            remedy=error.sign_in,
        )
        return
    for name, check in CHECKS:
        try:
            yield from check(wanted, ask)
        except UnreadableError as error:
            yield Finding(
                check=name,
                verdict="unknown",
                found=error.reason,
                accepted=error.action,
                remedy=error.remedy,
            )
