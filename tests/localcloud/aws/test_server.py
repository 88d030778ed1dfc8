"""The local account: restarts and kills, ledger, inventory and reconciliation."""

import ast
import inspect
import json
import re
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest

from localcloud.aws import load_balancers
from localcloud.aws import server as server_module
from localcloud.aws.account import Account
from localcloud.aws.provider import AwsProvider
from localcloud.aws.server import AwsServer
from localcloud.cloud import JOURNAL_FILE
from tests.localcloud.aws.conftest import ACCOUNT_ID, REGION, Databases, Made, Stack, start_server
from tests.localcloud.aws.platform import delete_platform, make_platform
from tests.support.builders import ROOT


def ask(server: AwsServer, page: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(f"{server.endpoint}/drydock/{page}", data) as answer:
        return json.load(answer)


def resume(made: dict[str, Made], server: AwsServer) -> None:
    provider = AwsProvider(ACCOUNT_ID, REGION, server.endpoint, server.journal, Databases())
    provider.configure({"defaultTags": '{"tags": {"Environment": "test"}}'})
    for resource in made.values():
        resource.provider = provider


def test_the_account_survives_a_restart(tmp_path: Path) -> None:
    """A replay yields the same ids, ARNs and times, so nothing is lost and there is no drift."""
    server = start_server(tmp_path)
    provider = AwsProvider(ACCOUNT_ID, REGION, server.endpoint, server.journal, Databases())
    provider.configure({"defaultTags": '{"tags": {"Environment": "test"}}'})
    made = make_platform(Stack(provider))
    for resource in made.values():
        resource.refresh()
    before = {key: resource.outputs for key, resource in made.items()}
    ledger, inventory = ask(server, "ledger"), ask(server, "inventory")
    server.stop()

    server = start_server(tmp_path)
    resume(made, server)
    drift = {key: changed for key, resource in made.items() if (changed := resource.refresh())}
    after = {key: resource.outputs for key, resource in made.items()}

    assert drift == {}
    assert after == before
    assert (ask(server, "ledger"), ask(server, "inventory")) == (ledger, inventory)
    delete_platform(made)
    assert ask(server, "inventory") == []
    assert ask(server, "ledger") == []
    server.stop()


def test_a_kill_in_the_middle_of_an_operation_leaves_nothing_of_it(tmp_path: Path) -> None:
    """Requests of the operation were applied without a commit; after the replay there is no partial VPC."""
    server = start_server(tmp_path)
    account = Account(ACCOUNT_ID, REGION, server.endpoint)
    with account.marked(server.journal.begin()):
        account.call("ec2", "CreateVpc", CidrBlock="10.0.0.0/16")
    assert ask(server, "inventory") != []
    server.stop()

    server = start_server(tmp_path)

    assert ask(server, "inventory") == []
    server.stop()


def test_concurrent_requests_have_the_same_result_after_a_restart(tmp_path: Path) -> None:
    """Operations overlap; ids depend only on the order of their requests."""
    server = start_server(tmp_path)
    stack = Stack(AwsProvider(ACCOUNT_ID, REGION, server.endpoint, server.journal))
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda i: stack.create("aws:ec2/vpc:Vpc", f"v{i}", cidrBlock=f"10.{i}.0.0/16"), range(16)))
    outputs = [vpc.outputs for vpc in made]
    server.stop()

    server = start_server(tmp_path)
    resume({vpc.target.name: vpc for vpc in made}, server)

    assert [vpc.refresh() for vpc in made] == [[]] * 16
    assert [vpc.outputs for vpc in made] == outputs
    server.stop()


def test_a_partial_line_is_dropped(tmp_path: Path) -> None:
    """A line that was interrupted by a kill counts as not written, and the journal continues after it."""
    server = start_server(tmp_path)
    account = Account(ACCOUNT_ID, REGION, server.endpoint)
    account.call("ec2", "CreateVpc", CidrBlock="10.0.0.0/16")
    account.call("ec2", "CreateVpc", CidrBlock="10.1.0.0/16")
    server.stop()
    journal = tmp_path / JOURNAL_FILE
    journal.write_bytes(journal.read_bytes()[:-20])

    for _ in range(2):
        server = start_server(tmp_path)
        account = Account(ACCOUNT_ID, REGION, server.endpoint)
        blocks = [vpc["CidrBlock"] for vpc in account.call("ec2", "DescribeVpcs")["Vpcs"] if not vpc["IsDefault"]]
        assert blocks == ["10.0.0.0/16"]
        server.stop()


def test_read_requests_are_not_journaled(server: AwsServer, tmp_path: Path) -> None:
    """Only requests that change the account are written, to a file that only its owner can read."""
    account = Account(ACCOUNT_ID, REGION, server.endpoint)
    account.call("ec2", "DescribeVpcs")
    account.call("iam", "ListRoles")
    account.call("s3", "ListBuckets")
    account.call("ecr", "GetAuthorizationToken")

    journal = tmp_path / JOURNAL_FILE
    assert journal.read_bytes() == b""
    assert journal.stat().st_mode & 0o777 == 0o600


def test_binary_objects_survive_a_restart(tmp_path: Path) -> None:
    """Bodies of objects may be binary."""
    server = start_server(tmp_path)
    account = Account(ACCOUNT_ID, REGION, server.endpoint)
    account.call("s3", "CreateBucket", Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": REGION})
    account.call("s3", "PutObject", Bucket="bucket", Key="k", Body=b"\x00\xfe\xff")
    server.stop()

    server = start_server(tmp_path)
    body = Account(ACCOUNT_ID, REGION, server.endpoint).call("s3", "GetObject", Bucket="bucket", Key="k")["Body"].read()

    assert body == b"\x00\xfe\xff"
    server.stop()


def test_undoes_operations_that_are_not_in_the_state(server: AwsServer, stack: Stack) -> None:
    """Creations, updates and deletions are undone, known resources are kept, and no page has inputs or outputs."""
    kept = stack.create("aws:ec2/vpc:Vpc", "kept", cidrBlock="10.0.0.0/16")
    changed = stack.create("aws:ec2/vpc:Vpc", "changed", cidrBlock="10.1.0.0/16", tags={"a": "b"})
    deleted = stack.create("aws:ec2/vpc:Vpc", "deleted", cidrBlock="10.2.0.0/16")
    known = [
        {"urn": vpc.target.urn, "id": vpc.id, "revision": vpc.outputs["__revision"]} for vpc in (kept, changed, deleted)
    ]
    before = ask(server, "ledger"), ask(server, "inventory")
    changed.update(tags={"a": "c"})
    deleted.delete()
    lost = stack.create("aws:ec2/vpc:Vpc", "lost", cidrBlock="10.3.0.0/16")

    answer = ask(server, "reconcile", {"known": known})

    type_ = "aws:ec2/vpc:Vpc"
    assert answer == {
        "undone": [
            {"op": "update", "urn": changed.target.urn, "type": type_, "id": changed.id},
            {"op": "delete", "urn": deleted.target.urn, "type": type_, "id": deleted.id},
            {"op": "create", "urn": lost.target.urn, "type": type_, "id": lost.id},
        ],
        "missing": [],
    }
    assert (ask(server, "ledger"), ask(server, "inventory")) == before
    assert not deleted.is_gone()
    assert ask(server, "reconcile", {"known": known}) == {"undone": [], "missing": []}


def test_reports_resources_that_the_account_lost(server: AwsServer, stack: Stack) -> None:
    """The journal was deleted, or belongs to another cloud."""
    vpc = stack.create("aws:ec2/vpc:Vpc", "kept", cidrBlock="10.0.0.0/16")
    known = {"urn": vpc.target.urn, "id": vpc.id, "revision": "of another journal"}

    answer = ask(server, "reconcile", {"known": [known]})

    assert answer == {"undone": [], "missing": [{"urn": vpc.target.urn, "id": vpc.id}]}
    assert not vpc.is_gone()


def test_a_reconciliation_waits_for_running_operations(server: AwsServer, stack: Stack) -> None:
    """The engine that started them may have been killed, so they are undone too."""
    operation = server.journal.begin()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(ask, server, "reconcile", {"known": []})
        account = Account(ACCOUNT_ID, REGION, server.endpoint)
        with account.marked(operation):
            vpc_id = account.call("ec2", "CreateVpc", CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        assert not waiting.done()
        server.journal.commit(
            operation, {"op": "create", "urn": "urn:a", "type": "t", "id": vpc_id, "inputs": {}, "outputs": {}}
        )

        assert waiting.result()["undone"] == [{"op": "create", "urn": "urn:a", "type": "t", "id": vpc_id}]
    assert ask(server, "inventory") == []


def test_messages_survive_the_rollback_of_an_operation(server: AwsServer, stack: Stack) -> None:
    """A failed deployment must not lose jobs that are queued meanwhile."""
    queue = stack.create("aws:sqs/queue:Queue", "jobs")
    account = Account(ACCOUNT_ID, REGION, server.endpoint)
    account.call("sqs", "SendMessage", QueueUrl=queue.id, MessageBody="hello")
    with pytest.raises(Exception, match="vpc-nowhere"):
        stack.create("aws:ec2/internetGateway:InternetGateway", "half", vpcId="vpc-nowhere")

    received = account.call("sqs", "ReceiveMessage", QueueUrl=queue.id)["Messages"]

    assert [message["Body"] for message in received] == ["hello"]


def test_resources_of_other_clients_are_in_the_inventory_only(server: AwsServer) -> None:
    """The ledger has resources of the provider, and the inventory all resources of the account."""
    account = Account(ACCOUNT_ID, REGION, server.endpoint)
    account.call("sqs", "CreateQueue", QueueName="extra")

    assert ask(server, "ledger") == []
    assert [(item["service"], item["kind"]) for item in ask(server, "inventory")] == [("sqs", "Queue")]


def test_a_final_snapshot_is_marked_as_kept(server: AwsServer, stack: Stack) -> None:
    """The inventory lists it with the mark."""
    instance = stack.create(
        "aws:rds/instance:Instance",
        "db",
        identifier="db",
        engine="postgres",
        instanceClass="db.t4g.small",
        allocatedStorage=20,
        username="app",
        password="password",
        dbName="app",
        finalSnapshotIdentifier="db-final",
    )
    instance.delete()

    left = ask(server, "inventory")
    assert [(item["kind"], item.get("kept")) for item in left] == [("DBSnapshot", True)]


def test_a_failed_operation_leaves_nothing(tmp_path: Path) -> None:
    """If AWS refuses the second request, the first one is undone too, in memory and in the journal."""
    server = start_server(tmp_path)
    stack = Stack(AwsProvider(ACCOUNT_ID, REGION, server.endpoint, server.journal))
    with pytest.raises(Exception, match="vpc-nowhere"):
        stack.create("aws:ec2/internetGateway:InternetGateway", "half", vpcId="vpc-nowhere")
    assert ask(server, "inventory") == []
    server.stop()

    server = start_server(tmp_path)

    assert (ask(server, "inventory"), ask(server, "ledger")) == ([], [])
    server.stop()


PAGES = (
    "GET ledger",
    "GET inventory",
    "GET trust",
    "GET denials",
    "GET uses",
    "GET pod-identity",
    "GET addon",
    "GET v1/credentials",
    "GET load-balancers",
    "POST token-review",
    "POST database-sign-in",
    "POST pod-logs",
    "POST reconcile",
    "POST targets",
    "POST target-health",
)


def test_each_page_is_documented() -> None:
    """The pages of the server and of the load balancers equal the list above, and the list in the documentation."""
    documented = re.findall(r"^\| `(GET|POST) /drydock/([\w/-]+)", (ROOT / "docs/local-cloud-aws.md").read_text(), re.M)
    handled = {
        (case.pattern.patterns[0].value.value, name.value)
        for case in ast.walk(ast.parse(inspect.getsource(server_module)))
        if isinstance(case, ast.match_case) and isinstance(case.pattern, ast.MatchSequence)
        for name in ast.walk(case.pattern.patterns[1])
        if isinstance(name, ast.Constant)
    }
    listed = {tuple(page.split()) for page in PAGES}

    assert sorted(documented) == sorted(listed)
    assert {name for _, name in handled} | set(load_balancers.PAGES) == {name for _, name in listed}
    assert handled <= listed


def test_an_unknown_page_names_the_documentation(server: AwsServer) -> None:
    with pytest.raises(HTTPError) as raised:
        urllib.request.urlopen(f"{server.endpoint}/drydock/none-such")

    assert raised.value.code == 404
    assert b"docs/local-cloud-aws.md lists the pages" in raised.value.read()
