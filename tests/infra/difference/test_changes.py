"""`drydock diff` on branches with one change each: what it reports, and what it does not report, hazards too.

The engine, the program and the stand-ins are those of the command. The states of the base are recorded once.
"""

import json
import re
from collections.abc import Iterator

import pytest

from stacks.settings import read_stack_file
from tests.infra.difference.branch import Branch, with_tools
from tests.support.builders import ROOT
from tests.support.costs import estimates

DEV, PROD = "Pulumi.dev.yaml", "Pulumi.prod.yaml"
# USD a month. A node of `dev` has a volume and the fee of EKS Auto Mode; the database of `prod` has a standby.
A_NODE, AN_ENDPOINT, A_GATEWAY, AN_ADDRESS, A_DATABASE = 92.40, 8.76, 37.96, 3.65, 290.54
RISE = re.compile(r"its cost at rest rises from (\S+) to (\S+) USD a month")
SERVICE = """  drydock:services:
    shop:
      image: app
      route: {pathPrefix: /shop}
  drydock:service:"""


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Branch:
    """Return a repository whose cache has the tools of this machine."""
    return Branch(tmp_path_factory.mktemp("repository"), with_tools(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def branch(repository: Branch) -> Iterator[Branch]:
    """Yield the repository, and undo the edits of the test."""
    yield repository
    repository.reset()


def texts(change: object) -> dict[str, tuple[str | None, str | None]]:
    """Return the properties of a change by path: old and new value."""
    assert isinstance(change, dict)
    return {each["path"]: (each["old"], each["new"]) for each in change["properties"]}


def test_another_class_of_the_database_interrupts_it(branch: Branch) -> None:
    """RDS restarts it, or fails over."""
    branch.edit(PROD, "db.m7g.large", "db.m7g.xlarge")

    changes = branch.changes("prod")

    assert set(changes) == {"update database-instance"}
    assert changes["update database-instance"]["risk"] == "interrupt"
    assert texts(changes["update database-instance"]) == {"instanceClass": ("db.m7g.large", "db.m7g.xlarge")}
    assert "maintenance window" in changes["update database-instance"]["reasons"][1]
    assert branch.hazards == []


def test_a_downgrade_of_the_engine_is_refused(branch: Branch) -> None:
    """The parameter group of the other version is shown too."""
    branch.edit(PROD, "    instanceClass: db.m7g.large", '    instanceClass: db.m7g.large\n    engineVersion: "17.6"')

    changes = branch.changes("prod")

    assert changes["update database-instance"]["risk"] == "refused"
    assert "Cannot upgrade postgres from" in changes["update database-instance"]["reasons"][0]
    assert texts(changes["replace database-parameters"])["family"] == ("postgres18", "postgres17")
    assert branch.hazards == [("downgrade", "database-instance", "engineVersion goes down from 18.6 to 17.6")]


def test_a_public_endpoint_opens_the_cluster_up(branch: Branch) -> None:
    """The address that it answers is named."""
    cidrs = "    privateAccessCidrs: [10.30.0.0/16]\n"
    branch.edit(PROD, cidrs, f"{cidrs}    publicAccessCidrs: [18.184.10.7/32]\n")

    changes = branch.changes("prod")

    assert set(changes) == {"update cluster-eks"}
    assert changes["update cluster-eks"]["risk"] == "open"
    assert changes["update cluster-eks"]["reasons"] == ["the Kubernetes API answers 18.184.10.7/32"]
    assert texts(changes["update cluster-eks"])["vpcConfig.endpointPublicAccess"] == ("false", "true")
    what = "internet reaches kubernetes-api on TCP 443; the Kubernetes API answers 18.184.10.7/32"
    assert branch.hazards == [("network-exposure", "cluster-eks", what)]


def test_a_renamed_component_loses_state_and_could_have_an_alias(branch: Branch) -> None:
    """Resources that only get a value of the renamed ones have the risk `unknown`."""
    branch.edit("stacks/bundled.py", 'queue="jobs"', 'queue="tasks"')

    changes = branch.changes("dev")

    lost = {name for name, change in changes.items() if change["risk"] == "loss"}
    assert lost == {"delete jobs-key", "delete jobs-dead-letters", "delete jobs-queue"}
    assert "looks renamed to tasks-key" in changes["delete jobs-key"]["reasons"][1]
    assert {"create tasks-key", "create tasks-queue"} <= set(changes)
    assert changes["replace workload-config"]["risk"] == "unknown"
    assert branch.hazards == [
        ("stateful-loss", "jobs-key", "its delete loses the key, and with it all that it encrypts"),
        ("stateful-loss", "jobs-dead-letters", "its delete loses the messages"),
        ("stateful-loss", "jobs-queue", "its delete loses the messages"),
    ]


def test_a_renamed_component_with_an_alias_is_only_moved(branch: Branch) -> None:
    """Pulumi derives the aliases of its resources."""
    branch.edit("stacks/bundled.py", 'queue="jobs"', 'queue="tasks"')
    branch.edit(
        "stacks/service.py",
        "names, role), base.on_aws) if",
        "names, role), pulumi.ResourceOptions.merge(base.on_aws, pulumi.ResourceOptions("
        'aliases=[pulumi.Alias(name="jobs")]))) if',
    )

    changes = branch.changes("dev")

    assert changes["move tasks"]["moved_from"].endswith("JobQueue::jobs")
    assert {change["operation"] for change in changes.values()} <= {"move", "options"}
    assert {change["risk"] for change in changes.values()} == {"routine"}
    assert [each["new"] for each in changes["move tasks"]["options"]] == ["name jobs"]
    assert branch.hazards == []


def test_smaller_subnets_are_replaced(branch: Branch) -> None:
    """Ids of new subnets are not known, which is no risk by itself."""
    branch.edit("components/_cidrs.py", "rest.subnets(2)", "rest.subnets(3)")

    changes = branch.changes("dev", "aws:ec2/subnet:Subnet", "aws:rds/subnetGroup:SubnetGroup")

    assert texts(changes["replace network-public-a"]) == {"cidrBlock": ("10.10.16.0/22", "10.10.16.0/23")}
    assert changes["replace network-public-a"]["reasons"] == ["forced by cidrBlock"]
    assert changes["update database-subnets"]["risk"] == "routine"
    assert changes["update database-subnets"]["properties"][0]["unknown"] is True
    assert branch.hazards == []


def test_a_widened_role_opens_up(branch: Branch) -> None:
    """Only the action that is new is reported."""
    branch.edit("components/_iam.py", '"sqs:GetQueueAttributes",', '"sqs:GetQueueAttributes", "sqs:PurgeQueue",')

    changes = branch.changes("dev")

    assert set(changes) == {"update jobs-worker"}
    assert changes["update jobs-worker"]["risk"] == "open"
    assert texts(changes["update jobs-worker"]) == {"policy.Statement[0].Action[]": (None, "sqs:PurgeQueue")}
    queues = ("jobs-dead-letters-606454f", "jobs-queue-77aad01")
    allowed = [f"allows sqs:PurgeQueue on arn:aws:sqs:eu-central-1:123456789012:{queue}" for queue in queues]
    assert branch.hazards == [("iam-widening", "jobs-worker", "; ".join(allowed))]


def test_a_new_service_is_created_beside_the_others(branch: Branch) -> None:
    """Nothing that is deployed is deleted."""
    branch.edit(DEV, "  drydock:service:", SERVICE)

    changes = branch.changes("dev")

    assert any(name.startswith("create shop") for name in changes)
    assert not any(name.startswith("delete ") for name in changes)
    assert {change["risk"] for change in changes.values()} <= {"routine", "open", "unknown"}
    assert branch.hazards == []  # the load balancer of dev is internal


def test_another_zone_creates_subnets(branch: Branch) -> None:
    """What depends on all subnets is unknown, and no risk."""
    branch.edit(DEV, "availabilityZones: [a, b]", "availabilityZones: [a, b, c]")

    changes = branch.changes("dev")

    assert {"create network-public-c", "create network-private-c", "create network-database-c"} <= set(changes)
    assert changes["update cluster-eks"]["risk"] == "routine"
    assert texts(changes["update cluster-eks"])["vpcConfig.subnetIds"][1] == "known after up"
    ((kind, name, text),) = branch.hazards
    assert (kind, name) == ("cost-jump", "drydock-dev")
    before, after = (float(each) for each in RISE.fullmatch(text).groups())  # type: ignore[union-attr]
    assert before == round(estimates()["dev"].rest, 2)
    endpoints = len(read_stack_file(ROOT / DEV).network.interface_endpoints)
    assert after - before == pytest.approx(A_NODE + endpoints * AN_ENDPOINT)


def test_replicas_and_the_default_of_a_component_are_routine(branch: Branch) -> None:
    """Two changes that do not affect each other."""
    branch.edit(DEV, "minReplicas: 2", "minReplicas: 3")
    branch.edit("components/database.py", "copy_tags_to_snapshot=True", "copy_tags_to_snapshot=False")

    changes = branch.changes("dev")

    assert {name: texts(change) for name, change in changes.items()} == {
        "update workload-autoscaler": {"spec.minReplicas": ("2", "3")},
        "update database-instance": {"copyTagsToSnapshot": ("true", "false")},
    }
    assert {change["risk"] for change in changes.values()} == {"routine"}
    assert branch.hazards == []


def test_comments_and_a_bumped_dependency_change_nothing(branch: Branch) -> None:
    """The other version of the package is a note."""
    branch.edit("components/database.py", "copy_tags_to_snapshot=True,", "copy_tags_to_snapshot=True,  # A comment.")
    branch.edit("requirements.lock", "boto3==", "boto3==9.")

    plan = branch.diff("dev")["stacks"]["dev"]

    assert plan["changes"] == []
    assert plan["hazards"] == []
    assert plan["unchanged"] > 150
    dev = estimates()["dev"]
    cost = {"rest": round(dev.rest, 2), "most": round(dev.most, 2)}
    assert plan["cost"]["before"] == plan["cost"]["after"] == cost
    assert "requirements.lock differs (boto3 " in plan["notes"][0]
    assert plan["base"].endswith("(HEAD, compared with the files that are not committed)")


def test_the_guard_refuses_a_destructive_migration_until_an_entry_allows_it(branch: Branch) -> None:
    """The entry that the guard proposes is enough, with a reason and an owner."""
    name = "app/migrations/versions/0009_drop.py"
    (branch.root / name).write_text('def upgrade() -> None:\n    op.drop_table("items")\n')

    refused = branch.run("guard", "dev", "--json", "--quiet")
    assert refused.returncode == 1
    assert "1 hazard not allowed; see docs/guard.md" in refused.stderr
    found = json.loads(refused.stdout)
    assert [(each["kind"], each["urn"]) for each in found["hazards"]] == [("destructive-migration", name)]

    entry = found["missing"].replace('reason = ""', 'reason = "nothing reads it"').replace('owner = ""', 'owner = "me"')
    (branch.root / "approvals.toml").write_text(entry)
    allowed = branch.run("guard", "dev", "--quiet")
    assert (allowed.returncode, allowed.stdout.splitlines()[0]) == (0, "✅ 1 hazard, all allowed")


def test_the_cost_of_a_change_is_shown(branch: Branch) -> None:
    """Two gateways with their addresses fewer; the class has no price, so it is named and not counted."""
    branch.edit(PROD, "natStrategy: per-az", "natStrategy: single")
    branch.edit(PROD, "db.m7g.large", "db.m7g.xlarge")
    line = re.compile(
        r"^prod: cost at rest: (\d+) -> (\d+) USD a month, without items that have no price: "
        r"database-instance \(PostgreSQL on db\.m7g\.xlarge\) after$",
        re.MULTILINE,
    )

    before, after = branch.diff("prod")["stacks"]["prod"]["cost"]["components"]["Network"]
    assert before["rest"] - after["rest"] == pytest.approx(2 * (A_GATEWAY + AN_ADDRESS))
    for command in (["diff", "prod", "--quiet"], ["cost", "prod", "--base", "main"]):
        ((costs_before, costs_after),) = line.findall(branch.run(*command).stdout)
        assert int(costs_before) == round(estimates()["prod"].rest)
        assert int(costs_before) - int(costs_after) == pytest.approx(2 * (A_GATEWAY + AN_ADDRESS) + A_DATABASE, abs=1)


def test_the_policies_find_what_the_engine_finds(branch: Branch) -> None:
    """`drydock policy` runs the policy pack in the engine. Violations are in the comment of a pull request."""
    branch.edit("components/database.py", "publicly_accessible=False", "publicly_accessible=True")

    engine = branch.run("policy", "dev", "--quiet").stdout
    found = branch.diff("dev")["stacks"]["dev"]["policy"]

    assert sorted(each["rule"] for each in found if each["level"] == "advisory") == sorted(
        re.findall(r"^dev: advice (\S+): ", engine, re.MULTILINE)
    )
    broken = [each["rule"] for each in found if each["level"] == "mandatory"]
    assert broken == re.findall(r"^dev: VIOLATION (\S+): ", engine, re.MULTILINE) == ["aws-rds-no-public-access"]
    comment = branch.run("guard", "dev", "--markdown", "--quiet").stdout
    assert "⛔ 1 policy violation in dev" in comment.splitlines()[2]
    assert "dev: Policy: **1** mandatory\n\n- ⛔ `aws-rds-no-public-access` (mandatory): A database must not" in comment


@pytest.mark.parametrize(
    ("name", "old", "new", "reason"),
    [
        ("infra/program.py", "def program()", "def renamed()", "has no attribute 'program'"),
        (
            "components/registry.py",
            "key = kms.Key(",
            "key = 1 / 0\n        key = kms.Key(",
            "components/registry.py, line ",
        ),
        ("components/registry.py", "key = kms.Key(", "key = = kms.Key(", "components/registry.py, line "),
        ("components/registry.py", "import", "import sys\n\nsys.exit(0)\nimport", "SystemExit: 0"),
        (DEV, "config:", "config: [", f"{DEV}:"),
    ],
)
def test_a_base_whose_program_does_not_run_is_named(branch: Branch, name: str, old: str, new: str, reason: str) -> None:
    """The commit and the reason are in one message, without the frames of the SDK."""
    branch.edit(name, old, new)
    branch.git("checkout", "--quiet", "-B", "broken")
    branch.git("commit", "--quiet", "--all", "--message=broken")
    commit = branch.git("rev-parse", "HEAD")
    branch.git("checkout", "--quiet", "main")

    done = branch.run("diff", "dev", "--base", "broken", "--quiet")

    assert done.returncode == 1
    assert f"commit {commit[:9]} (broken): its program cannot run for dev" in done.stderr
    assert done.stderr.count(reason) == 1
    assert "Traceback" not in done.stderr


def test_damaged_states_in_the_cache_are_replaced(branch: Branch) -> None:
    """The commit is deployed on the stand-ins again, whatever is wrong with a state."""
    stacks = ("dev", "prod", "staging")
    branch.diff(*stacks)
    states = branch.states()
    for path, content in zip(states, ['{"chec', "[]", '{"checkpoint": {}}'], strict=True):
        path.write_text(content)

    plans = branch.diff(*stacks)["stacks"]

    assert [plans[stack]["changes"] for stack in stacks] == [[], [], []]
    assert branch.states() == states
    assert all('"urn:pulumi:' in path.read_text() for path in states)


def test_an_environment_that_a_branch_removes_is_a_hazard(branch: Branch) -> None:
    """An entry for its stack file allows it."""
    (branch.root / PROD).rename(branch.root / "Pulumi.live.yaml")

    done = branch.run("guard", "dev", "--quiet")

    assert done.returncode == 1
    assert (
        f"dev: protection-loss  [not allowed]\n  {PROD}\n  the environment prod has no stack file any more"
        in done.stdout
    )
    assert "note: the environment prod has no stack file" in branch.run("diff", "dev", "--quiet").stdout.replace(
        "dev: ", ""
    )
    entry = done.stdout[done.stdout.index("[[approval]]") :].replace('= ""', '= "retired"')
    (branch.root / "approvals.toml").write_text(entry)
    assert branch.run("guard", "dev", "--quiet").returncode == 0
