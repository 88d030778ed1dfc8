"""Rule: the internet reaches load balancers only, over TLS; only the cluster reaches databases; pods are restricted.

One rule combines several laws, because the SDK processes the whole stack again for each stack rule.

Anchors: AWS Well-Architected SEC05-BP01, SEC05-BP02, CIS-EKS 4.3.2, CIS-EKS 5.4.4, CKV2_K8S_6.
"""

from collections.abc import Iterator, Sequence

from pulumi_policy import Severity

from infra.policy.rule import stack_rule
from infra.reach.breach import Breach
from infra.reach.laws.confinement import pods_are_confined
from infra.reach.laws.fronts import cloudfront_is_the_only_way
from infra.reach.laws.isolation import database_is_isolated, internet_reaches_load_balancers_only
from infra.reach.laws.tls import internet_is_served_by_tls
from infra.reach.view import view_of
from infra.resources.resource import Resource


def check(resources: Sequence[Resource]) -> Iterator[Breach]:
    """Yield unintended or unencrypted access, access that bypasses CloudFront, and pods without NetworkPolicies."""
    view = view_of(resources)
    yield from internet_reaches_load_balancers_only(view)
    yield from internet_is_served_by_tls(view)
    yield from cloudfront_is_the_only_way(view)
    yield from database_is_isolated(view)
    yield from pods_are_confined(view)


RULE = stack_rule(
    name="network-exposure-limited",
    severity=Severity.CRITICAL,
    description="Only load balancers may be reachable from the internet, with TLS, and only the cluster may reach its "
    "database. Every pod must be selected by NetworkPolicies.",
    remedy="change the named hop so that it refuses this traffic",
    check=check,
)
