"""A whole stack is deployed again after a destroy, in an account with resources that AWS keeps or creates again.

Real: the engine with its state, the whole program, the preflight of names. Emulated: the account by moto.
"""

from pathlib import Path

from infra.preflight import names as preflight
from infra.preflight.finding import Wanted
from infra.preflight.reader import Reader
from localcloud.aws.server import AwsServer
from localcloud.cloud import ACCESS_KEY
from stacks.names import Names
from stacks.settings import parse_settings
from tests.localcloud.aws.conftest import REGION
from tests.support.engine import STACK
from tests.support.whole_on_engine import SMALL, WholeStack

LOG_GROUPS = {
    f"/aws/eks/drydock-{STACK}/cluster",
    f"/aws/rds/instance/drydock-{STACK}/postgresql",
    f"/aws/rds/instance/drydock-{STACK}/upgrade",
    f"/aws/containerinsights/drydock-{STACK}/application",
    f"/aws/containerinsights/drydock-{STACK}/dataplane",
    f"/aws/containerinsights/drydock-{STACK}/host",
}


def account(server: AwsServer) -> Reader:
    """Return a reader with an empty cache."""
    keys = {"aws_access_key_id": ACCESS_KEY, "aws_secret_access_key": ACCESS_KEY}
    return Reader(REGION, endpoint=server.endpoint, credentials=keys)


def test_deploys_again_after_services_wrote_their_last_logs(tmp_path: Path, server: AwsServer) -> None:
    """The preflight passes, the log groups are imported with their retention, and another deployment changes nothing.

    The final snapshot of the first deployment exists too; the second one gets another name.
    """
    stack = WholeStack(tmp_path / "stack", server)
    stack.up()
    stack.destroy()
    call = account(server)
    for group in LOG_GROUPS:
        call("logs", "CreateLogGroup", logGroupName=group)
    # moto names them by the minute; here the database is created and deleted within one minute.
    for each in call("rds", "DescribeDBSnapshots", SnapshotType="automated")["DBSnapshots"]:
        call("rds", "DeleteDBSnapshot", DBSnapshotIdentifier=each["DBSnapshotIdentifier"])

    wanted = Wanted(environment=STACK, settings=parse_settings(dict(SMALL), STACK), names=Names(STACK))
    findings = list(preflight.names(wanted, account(server)))
    assert [each.found for each in findings if each.verdict != "ok"] == []
    assert {each.found for each in findings if "left over" in each.found} == {
        f"log group {group}: left over; this deployment imports it" for group in LOG_GROUPS
    }

    stack.up()
    assert stack.changes["import"] == len(LOG_GROUPS)
    groups = account(server)("logs", "DescribeLogGroups")["logGroups"]
    retention = {each["logGroupName"]: each.get("retentionInDays") for each in groups}
    assert {group: retention[group] for group in LOG_GROUPS} == dict.fromkeys(LOG_GROUPS, 30)
    stack.up()
    assert set(stack.changes) == {"same"}

    stack.destroy()
    snapshots = account(server)("rds", "DescribeDBSnapshots", SnapshotType="manual")["DBSnapshots"]
    assert len({each["DBSnapshotIdentifier"] for each in snapshots}) == 2
    stack.close()
