"""`drydock rehearse` in a temporary local cloud, and violations of the policy pack."""

import re

import pytest

from tests.e2e.checkout import Checkout
from tests.e2e.test_bad_input import processes_in

pytestmark = pytest.mark.e2e
STEPS = (
    "preview + policy",
    "up ",
    "up again",
    "service",
    "job",
    "pod logs",
    "pods ",
    "refresh",
    "permissions",
    "trust",
    "unprotect",
    "destroy",
)


def test_production_passes_a_rehearsal_while_the_platform_runs(platform: Checkout) -> None:
    """Every step passes without credentials, and nothing of the rehearsal is left."""
    done = platform.run("rehearse", "prod", "--unchecked", AWS_ACCESS_KEY_ID="", AWS_PROFILE="none-such")
    said = done.stderr

    for step in STEPS:
        assert f"pass       {step}" in said
    assert (
        "role       arn:aws:iam::123456789012:role/drydock-prod-deploy deploys, with the policies of infra/deploy_role"
        in said
    )
    assert "service.minReadySeconds is 1 in this rehearsal, which waits for conditions instead" in said
    assert re.search(r"pods +[\d.]+ s  all available, no container restarted", said)
    assert "unhealthy state" not in said
    assert "cluster.adminRoles: drydock-prod-admin created in the local account" in said
    # Production has neither CloudFront nor `drydock:services`, which need the rules of the listener.
    unused = ", ".join(
        [
            *(f"cloudfront:{action}Distribution" for action in ("Create", "Delete", "Get")),
            "cloudfront:GetDistributionConfig",
            "cloudfront:ListTagsForResource",
            "cloudfront:TagResource",
            "cloudfront:UpdateDistribution",
            "logs:CreateDelivery",
            *(f"logs:Delete{part}" for part in ("Delivery", "DeliveryDestination", "DeliverySource")),
            *(f"logs:Get{part}" for part in ("Delivery", "DeliveryDestination", "DeliverySource")),
            *(f"logs:Put{part}" for part in ("DeliveryDestination", "DeliverySource")),
            *(f"elasticloadbalancing:{action}" for action in ("CreateRule", "DeleteRule", "DescribeRules")),
        ]
    )
    assert re.search(rf"role +used \d+ of \d+ actions .* grants for it; unused: {unused}\n", said)
    # Each action is needed by a step, so a missing one fails. A secret is read again only if its Job runs for longer.
    reread = "; unused: secretsmanager:DescribeSecret of drydock/api-migration"
    assert re.search(rf"role +pods used \d+ of 13 actions that their roles allow(?:{reread})?\n", said)
    assert "2 recorded only (aws:cloudwatch/metricAlarm:MetricAlarm, aws:eks/addon:Addon)" in said
    counted = re.search(r"by rules, (\d+) not; .* (\d+) recorded only", said)
    rows = [line for line in done.stdout.splitlines() if line.startswith(("aws:", "- "))]
    assert counted
    assert len([row for row in rows if row.rstrip().endswith("recorded only")]) == int(counted[2])
    assert len(rows) >= int(counted[1])
    assert re.search(r"job +[\d.]+ s  the worker ran a job", said)  # with a token, which production requires
    assert "0 left in the AWS account and the API server" in said
    assert not list((platform.root / ".drydock").glob("rehearse-*"))
    assert not [line for line in processes_in(platform.root) if "rehearse-" in line]


def test_a_failing_rehearsal_names_its_step(fresh: Checkout) -> None:
    """A service that cannot start fails the step `up` with exit code 1, and its logs are kept.

    A missing action of a role is reported too, although another fault ends the rehearsal.
    """
    fresh.set("dev", "service", "progressDeadlineSeconds", 30)  # the lowest accepted
    fresh.replace("components/_iam.py", '                "sqs:ReceiveMessage",\n', "")
    sound = (fresh.root / "app/api.py").read_text()
    broken = 'import sys\nif "serve" in sys.argv:\n    raise SystemExit("broken on purpose")\n'
    (fresh.root / "app/api.py").write_text(f"{broken}{sound}")
    said = fresh.run("rehearse", "dev", expect=1).stderr

    assert "failed at step `up`" in said
    assert "broken on purpose" in said
    assert re.search(r"ServiceAccount \S+, role arn:aws:iam::\S+ is not authorized to perform sqs:ReceiveMessage", said)
    assert "because no identity-based policy allows the sqs:ReceiveMessage action" in said
    assert list((fresh.root / ".drydock" / "last-rehearsal-dev").iterdir())
    assert not list((fresh.root / ".drydock").glob("rehearse-*"))


# File, text, replacement; violated rule, and name and type of the resource.
BREAKS = [
    (
        "components/database.py",
        "publicly_accessible=False",
        "publicly_accessible=True",
        "aws-rds-no-public-access",
        "database-instance",
        "aws:rds/instance:Instance",
    ),
    (
        "components/database.py",
        "referenced_security_group_id=args.client_security_group_id",
        'cidr_ipv4="0.0.0.0/0"',
        "aws-ec2-no-world-admin-ingress",
        "database-access-clients",
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    ),
    (
        "components/cluster.py",
        '"AmazonEC2ContainerRegistryPullOnly"',
        '"AdministratorAccess"',
        "aws-iam-no-wildcard-admin",
        "cluster-node-AdministratorAccess",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    ),
]


def test_components_broken_on_purpose_are_refused(fresh: Checkout) -> None:
    """`policy` and `rehearse` refuse a public database, an open port and a wildcard role, and create nothing."""
    for file, old, new, *_ in BREAKS:
        fresh.replace(file, old, new)
    judged = fresh.run("policy", "prod", expect=1).stdout
    rehearsed = fresh.run("rehearse", "prod", expect=1).stderr

    for said in (judged, rehearsed):
        for *_, rule, name, type_ in BREAKS:
            (line,) = [line for line in said.splitlines() if rule in line]
            assert f": {type_} {name}: " in line
            assert "Remedy: " in line
    assert "failed at step `preview + policy`" in rehearsed
    assert "nothing was created" in rehearsed
