"""Authorization of requests with the credentials of a pod. Emulated: the account, as the part `aws` serves it."""

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import boto3
import pytest
import stamina
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from app.core.resilience.breaker import Breaker
from app.jobs.outages import QueueUnavailableError
from app.jobs.queue import Outgoing, Queue, Received
from app.settings.jobs import JobSettings
from components._iam import read_secret, use_queues
from tests.localcloud.aws.conftest import ACCOUNT_ID, REGION
from tests.localcloud.aws.iam.account import ROLE, ROLE_ARN, Home, Queues, credentials, make_home, make_queues

JOB_ID = "0197f0a0-0000-7000-8000-000000000000"


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    home = make_home(tmp_path_factory.mktemp("account"))
    yield home
    home.server.stop()


@pytest.fixture(scope="module")
def queues(account: Home) -> Queues:
    return make_queues(account)


@pytest.fixture(autouse=True)
def no_retries() -> Iterator[None]:
    """Disable retries, which would only wait, because a denial does not change."""
    stamina.set_testing(True)
    yield
    stamina.set_testing(False)


@pytest.fixture
def home(account: Home) -> Home:
    """The account; its role has no permissions yet."""
    account.put_policy({"Effect": "Deny", "Action": "none:None", "Resource": "*"})
    account.server.denials._entries.clear()
    return account


def denials(home: Home) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = home.server.denials.told()["denials"]
    return found


def client(home: Home, service: str, **changes: Any) -> Any:
    """Return a client with the credentials of the pod."""
    told = credentials(home.server)
    arguments = {
        "aws_access_key_id": told["AccessKeyId"],
        "aws_secret_access_key": told["SecretAccessKey"],
        "aws_session_token": told["Token"],
        "config": Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
    }
    return boto3.client(  # type: ignore[call-overload]
        service, endpoint_url=home.server.endpoint, region_name=REGION, **{**arguments, **changes}
    )


def code(raised: pytest.ExceptionInfo[ClientError]) -> str:
    return str(raised.value.response["Error"]["Code"])


def jobs_queue(home: Home, queues: Queues, monkeypatch: pytest.MonkeyPatch) -> Queue:
    """Return the service's own client of its queue, configured as in a pod."""
    told = credentials(home.server)
    environment = {
        "AWS_ACCESS_KEY_ID": told["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": told["SecretAccessKey"],
        "AWS_SESSION_TOKEN": told["Token"],
        "AWS_ENDPOINT_URL": home.server.endpoint,
        "AWS_REGION": REGION,
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("app.jobs.queue.WAIT_SECONDS", 0)  # the wait for later messages
    settings = JobSettings.model_validate({"queue_url": queues.url, "dead_letter_queue_url": queues.dead_url})
    return Queue(settings, Breaker("queue", failure_threshold=100))


async def work(queue: Queue) -> None:
    """Make all requests of the service to its queue; refused ones are ignored."""

    async def attempt(call: Any) -> Any:
        try:
            return await call
        except QueueUnavailableError:
            return None

    await attempt(queue.counts())
    await attempt(queue.send([Outgoing(id="1", job_id=JOB_ID, request_id=None, traceparent=None)]))  # type: ignore[arg-type]
    for message in await attempt(queue.receive(1)) or [Received(receipt="none", body="none", job_id=None)]:
        await attempt(queue.make_visible(message, 30))
        await attempt(queue.move_to_dead_letters(message))
        await attempt(queue.delete(message))
    queue.close()


def policy_of_the_worker(queues: Queues, without: str = "") -> list[dict[str, Any]]:
    """Return the component's policy for the role, without one action."""
    statements = json.loads(use_queues([queues.arn, queues.dead_arn], queues.key_arn))["Statement"]
    return [
        {**each, "Action": [action for action in each["Action"] if action != without] or ["none:None"]}
        for each in statements
    ]


WORKER_ACTIONS = [
    "sqs:SendMessage",
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibility",
    "sqs:GetQueueAttributes",
    "kms:Decrypt",
    "kms:GenerateDataKey",
]


def test_the_role_of_the_worker_has_these_actions(queues: Queues) -> None:
    """Each of them is removed in a test below."""
    given = [action for each in policy_of_the_worker(queues) for action in each["Action"]]

    assert sorted(given) == sorted(WORKER_ACTIONS)


def test_the_policy_of_the_worker_is_sufficient(home: Home, queues: Queues, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the program's policy, no request of the service is denied."""
    home.put_policy(*policy_of_the_worker(queues))

    asyncio.run(work(jobs_queue(home, queues, monkeypatch)))

    assert denials(home) == []


@pytest.mark.parametrize("action", WORKER_ACTIONS)
def test_the_worker_needs_each_action(home: Home, queues: Queues, monkeypatch: pytest.MonkeyPatch, action: str) -> None:
    """Without it, a request of the service is denied; the record has the action and the pod's ServiceAccount."""
    home.put_policy(*policy_of_the_worker(queues, without=action))

    asyncio.run(work(jobs_queue(home, queues, monkeypatch)))

    found = denials(home)
    assert {each["action"] for each in found} == {action}
    assert {each["resource"] for each in found} <= {queues.arn, queues.dead_arn, queues.key_arn}
    assert {(each["role"], each["service_account"]) for each in found} == {(ROLE_ARN, "app/worker")}
    assert {each["reason"] for each in found} == {f"because no identity-based policy allows the {action} action"}


@pytest.mark.parametrize("action", ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret", "kms:Decrypt"])
def test_the_reader_of_a_secret_needs_each_action(home: Home, action: str) -> None:
    """The policy of the migration's role is sufficient; without one of the actions a request is denied."""
    key = home.owner.call("kms", "CreateKey")["KeyMetadata"]["Arn"]
    name = f"database-{action.rpartition(':')[2]}"
    arn = home.owner.call("secretsmanager", "CreateSecret", Name=name, SecretString="x", KmsKeyId=key)["ARN"]
    statements = json.loads(read_secret(arn, key, REGION))["Statement"]
    home.put_policy(*statements)
    secrets = client(home, "secretsmanager")
    secrets.describe_secret(SecretId=name)
    assert secrets.get_secret_value(SecretId=arn)["SecretString"] == "x"

    home.put_policy(
        *[{**each, "Action": [one for one in each["Action"] if one != action] or "none:None"} for each in statements]
    )
    ask = secrets.describe_secret if action.endswith("DescribeSecret") else secrets.get_secret_value
    with pytest.raises(ClientError, match=f"not authorized to perform: {action} on resource: arn:aws:") as refused:
        ask(SecretId=name)

    assert code(refused) == "AccessDeniedException"


def test_a_batch_of_secrets_needs_permission_for_each(home: Home) -> None:
    """BatchGetSecretValue needs GetSecretValue for each secret."""
    batch = {"Effect": "Allow", "Action": "secretsmanager:BatchGetSecretValue", "Resource": "*"}
    arns = [
        home.owner.call("secretsmanager", "CreateSecret", Name=f"together-{i}", SecretString="x")["ARN"]
        for i in range(2)
    ]
    secrets = client(home, "secretsmanager")
    home.put_policy(batch, {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": arns})
    secrets.batch_get_secret_value(SecretIdList=arns)
    home.put_policy(batch, {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": arns[:1]})

    with pytest.raises(ClientError, match=f"perform: secretsmanager:GetSecretValue on resource: {arns[1]}"):
        secrets.batch_get_secret_value(SecretIdList=arns)


def test_messages_and_codes_are_those_of_aws(home: Home, queues: Queues) -> None:
    """SQS has the action in lower case, and a denial for a key has its own code."""
    with pytest.raises(ClientError) as refused:
        client(home, "sqs").receive_message(QueueUrl=queues.url)
    who = client(home, "sts").get_caller_identity()["Arn"]

    assert code(refused) == "AccessDenied"
    assert refused.value.response["Error"]["Message"] == (
        f"User: {who} is not authorized to perform: sqs:receivemessage on resource: {queues.arn} "
        "because no identity-based policy allows the sqs:receivemessage action"
    )
    home.put_policy({"Effect": "Allow", "Action": "sqs:*", "Resource": "*"})
    with pytest.raises(ClientError, match="kms:Decrypt") as refused:
        client(home, "sqs").receive_message(QueueUrl=queues.url)
    assert code(refused) == "KMS.AccessDeniedException"


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "expected"),
    [
        ("ec2", "describe_vpcs", {}, "UnauthorizedOperation"),
        ("iam", "list_roles", {}, "AccessDenied"),
        ("rds", "describe_db_instances", {}, "AccessDenied"),
        ("kms", "list_keys", {}, "AccessDeniedException"),
        ("eks", "list_clusters", {}, "AccessDeniedException"),
        ("s3", "list_buckets", {}, "AccessDenied"),
        ("logs", "describe_log_groups", {}, "AccessDeniedException"),
        ("ecr", "describe_repositories", {}, "AccessDeniedException"),
        ("cloudwatch", "list_metrics", {}, "AccessDenied"),
        (
            "sts",
            "assume_role",
            {"RoleArn": f"arn:aws:iam::{ACCOUNT_ID}:role/x", "RoleSessionName": "xx"},
            "AccessDenied",
        ),
    ],
)
def test_every_protocol_has_its_error_code(
    home: Home, service: str, operation: str, parameters: dict[str, Any], expected: str
) -> None:
    """A role without a policy is denied; with a policy for everything the request is allowed."""
    with pytest.raises(ClientError) as refused:
        getattr(client(home, service), operation)(**parameters)
    assert code(refused) == expected


def test_conditions_on_tags_of_the_session_and_the_resource(home: Home, queues: Queues) -> None:
    """A pod may use resources with the tag of its namespace."""
    same = {"StringEquals": {"aws:ResourceTag/namespace": "${aws:PrincipalTag/kubernetes-namespace}"}}
    home.put_policy({"Effect": "Allow", "Action": "sqs:GetQueueUrl", "Resource": "*", "Condition": same})
    sqs = client(home, "sqs")
    with pytest.raises(ClientError):
        sqs.get_queue_url(QueueName="jobs")

    home.owner.call("sqs", "TagQueue", QueueUrl=queues.url, Tags={"namespace": "app"})

    assert sqs.get_queue_url(QueueName="jobs")["QueueUrl"] == queues.url


def chained(home: Home, *trusted: str, **asked: Any) -> Any:
    """Let the pod assume a second role, which trusts the first for these actions; return a client of the second."""
    statement = {"Effect": "Allow", "Principal": {"AWS": ROLE_ARN}, "Action": list(trusted)}
    name = f"second-{len(home.owner.call('iam', 'ListRoles')['Roles'])}"
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    arn = home.owner.call("iam", "CreateRole", RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    read = {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}
    read["Condition"] = {"StringEquals": {"aws:PrincipalTag/kubernetes-namespace": "app"}}  # type: ignore[assignment]
    policy = json.dumps({"Version": "2012-10-17", "Statement": [read]})
    home.owner.call("iam", "PutRolePolicy", RoleName=name, PolicyName="queues", PolicyDocument=policy)
    home.put_policy({"Effect": "Allow", "Action": "sts:*", "Resource": "*"})
    made = client(home, "sts").assume_role(RoleArn=arn, RoleSessionName="chained", **asked)["Credentials"]
    return client(
        home,
        "sqs",
        aws_access_key_id=made["AccessKeyId"],
        aws_secret_access_key=made["SecretAccessKey"],
        aws_session_token=made["SessionToken"],
    )


BOTH = ("sts:AssumeRole", "sts:TagSession")


def test_the_tags_of_a_pod_are_passed_to_roles_that_it_assumes(home: Home, queues: Queues) -> None:
    """The session tags of EKS are transitive, so the second role has to allow them.

    https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html
    """
    assert chained(home, *BOTH).get_queue_attributes(QueueUrl=queues.url, AttributeNames=["QueueArn"])
    with pytest.raises(ClientError) as raised:
        chained(home, "sts:AssumeRole")

    assert code(raised) == "AccessDenied"
    assert "sts:TagSession" in str(raised.value)


@pytest.mark.parametrize(
    ("trusted", "asked", "expected"),
    [
        (BOTH, {"Tags": [{"Key": "Kubernetes-Namespace", "Value": "admin"}]}, "InvalidParameterValue"),
        (BOTH, {"Tags": [{"Key": "step", "Value": "2"}]}, ""),
        (BOTH, {"DurationSeconds": 3601}, "ValidationError"),
        (BOTH, {"DurationSeconds": 3600}, ""),
        (BOTH, {"SourceIdentity": "worker"}, "AccessDenied"),
        ((*BOTH, "sts:SetSourceIdentity"), {"SourceIdentity": "worker"}, ""),
    ],
)
def test_limits_of_a_chained_session(
    home: Home, trusted: tuple[str, ...], asked: dict[str, Any], expected: str
) -> None:
    """It cannot change tags of the first session, lasts at most an hour, and needs permission for a source identity."""
    try:
        chained(home, *trusted, **asked)
        found = ""
    except ClientError as error:
        found = error.response["Error"]["Code"]

    assert found == expected


READ_ONLY = "arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess"
SEND = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}]}
)


@pytest.mark.parametrize(
    ("limits", "reads", "sends"),
    [
        ({}, True, True),
        ({"PolicyArns": [{"arn": READ_ONLY}]}, True, False),
        ({"Policy": SEND}, False, True),
        ({"PolicyArns": [{"arn": READ_ONLY}], "Policy": SEND}, True, True),
        ({"PolicyArns": [{"arn": f"arn:aws:iam::{ACCOUNT_ID}:policy/nothing"}]}, False, False),
    ],
)
def test_session_policies_limit_the_permissions_of_the_role(
    home: Home, limits: dict[str, Any], reads: bool, sends: bool
) -> None:
    """Inline and managed session policies are combined: a request allowed by either is allowed."""
    url = home.owner.call("sqs", "CreateQueue", QueueName="plain")["QueueUrl"]
    sqs = chained(home, *BOTH, **limits)
    for allowed, ask in (
        (reads, lambda: sqs.get_queue_attributes(QueueUrl=url)),
        (sends, lambda: sqs.send_message(QueueUrl=url, MessageBody="x")),
    ):
        with nullcontext() if allowed else pytest.raises(ClientError, match="no session policy allows"):
            ask()


@pytest.mark.parametrize(("team", "allowed"), [("red", True), ("blue", False)])
def test_conditions_on_tags_of_the_role(home: Home, team: str, allowed: bool) -> None:
    """A session has the tags of its role."""
    condition = {"StringEquals": {"aws:PrincipalTag/team": team}}
    home.put_policy({"Effect": "Allow", "Action": "kms:ListKeys", "Resource": "*", "Condition": condition})
    kms = client(home, "kms")

    with nullcontext() if allowed else pytest.raises(ClientError, match="kms:ListKeys"):
        kms.list_keys()


def test_a_policy_of_the_queue_allows_and_denies(home: Home, queues: Queues) -> None:
    """The role has no policy."""
    own = queues.arn.replace("jobs", "own")
    policy = {"Principal": {"AWS": ROLE_ARN}, "Action": "sqs:GetQueueAttributes", "Resource": own}
    url = home.owner.call("sqs", "CreateQueue", QueueName="own")["QueueUrl"]
    sqs = client(home, "sqs")
    with pytest.raises(ClientError):
        sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    for effect in ("Allow", "Deny"):
        document = json.dumps({"Version": "2012-10-17", "Statement": [{**policy, "Effect": effect}]})
        home.owner.call("sqs", "SetQueueAttributes", QueueUrl=url, Attributes={"Policy": document})
        if effect == "Allow":
            sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    with pytest.raises(ClientError, match="with an explicit deny in a resource-based policy"):
        sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    home.owner.call("sqs", "DeleteQueue", QueueUrl=url)


def test_a_key_policy_without_the_account_overrides_iam(home: Home) -> None:
    """IAM policies do not apply to such a key."""
    home.put_policy({"Effect": "Allow", "Action": "kms:*", "Resource": "*"})
    for_another = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT_ID}:role/cluster"},
        "Action": "kms:*",
        "Resource": "*",
    }
    key = home.owner.call("kms", "CreateKey")["KeyMetadata"]["KeyId"]
    kms = client(home, "kms")
    secret = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=secret)["Plaintext"] == b"x"

    skip = {"BypassPolicyLockoutSafetyCheck": True}
    document = json.dumps({"Version": "2012-10-17", "Statement": [for_another]})
    home.owner.call("kms", "PutKeyPolicy", KeyId=key, PolicyName="default", Policy=document, **skip)

    with pytest.raises(ClientError, match=f"kms:Decrypt on resource: .*{key} because no resource-based policy"):
        kms.decrypt(CiphertextBlob=secret)
    home.owner.call("kms", "ScheduleKeyDeletion", KeyId=key)


def test_buckets_and_objects_are_separate_resources(home: Home) -> None:
    """Operations of S3 have other names in IAM."""
    bucket = {"Bucket": "files", "CreateBucketConfiguration": {"LocationConstraint": REGION}}
    home.owner.call("s3", "CreateBucket", **bucket)
    home.put_policy(
        {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::files/mine/*"},
        {
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": "arn:aws:s3:::files",
            "Condition": {"StringLike": {"s3:prefix": "mine/*"}},
        },
    )
    s3 = client(home, "s3")

    s3.put_object(Bucket="files", Key="mine/a b", Body=b"x")
    assert s3.get_object(Bucket="files", Key="mine/a b")["Body"].read() == b"x"
    assert s3.list_objects_v2(Bucket="files", Prefix="mine/")["KeyCount"] == 1
    refused = {
        "s3:PutObject on resource: arn:aws:s3:::files/other": lambda: s3.put_object(Bucket="files", Key="other"),
        "s3:ListBucket on resource: arn:aws:s3:::files": lambda: s3.list_objects_v2(Bucket="files"),
        "s3:DeleteObject on resource: arn:aws:s3:::files/mine/a b": lambda: s3.delete_object(
            Bucket="files", Key="mine/a b"
        ),
        "s3:GetBucketPolicy on resource: arn:aws:s3:::files": lambda: s3.get_bucket_policy(Bucket="files"),
        "s3:GetObject on resource: arn:aws:s3:::files/other": lambda: s3.copy_object(
            Bucket="files", Key="mine/b", CopySource="files/other"
        ),
        "s3:PutObjectTagging on resource: arn:aws:s3:::files/mine/c": lambda: s3.put_object(
            Bucket="files", Key="mine/c", Tagging="team=red"
        ),
        "s3:PutObjectAcl on resource: arn:aws:s3:::files/mine/c": lambda: s3.put_object(
            Bucket="files", Key="mine/c", ACL="private"
        ),
        "kms:GenerateDataKey on resource: arn:aws:kms:": lambda: s3.put_object(
            Bucket="files", Key="mine/c", ServerSideEncryption="aws:kms", SSEKMSKeyId="key"
        ),
    }
    for words, ask in refused.items():
        with pytest.raises(ClientError, match=words):
            ask()


def test_a_condition_that_cannot_be_evaluated_denies(home: Home, queues: Queues) -> None:
    """An example is a condition on the VPC, which pods do not have here; the denial names its key."""
    inside = {"StringEquals": {"aws:SourceVpce": "vpce-1"}}
    home.put_policy({"Effect": "Allow", "Action": "sqs:*", "Resource": "*", "Condition": inside})

    with pytest.raises(ClientError):
        client(home, "sqs").get_queue_attributes(QueueUrl=queues.url)

    (denial,) = denials(home)
    assert denial["unknown"] == ("aws:SourceVpce",)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE"}, "UnrecognizedClientException"),
        ({"aws_session_token": "of another session"}, "UnrecognizedClientException"),
        ({"aws_session_token": None}, "UnrecognizedClientException"),
        ({"config": Config(signature_version=UNSIGNED)}, "MissingAuthenticationTokenException"),
    ],
)
def test_refuses_an_unknown_principal(home: Home, changes: dict[str, Any], expected: str) -> None:
    """Unknown keys and tokens and unsigned requests are refused before policies are evaluated."""
    with pytest.raises(ClientError) as refused:
        client(home, "kms", **changes).list_keys()

    assert code(refused) == expected


def test_a_request_signed_for_another_service_is_denied(home: Home, queues: Queues) -> None:
    """A permission for SQS cannot be used for Secrets Manager by signing for SQS."""
    home.put_policy({"Effect": "Allow", "Action": "sqs:*", "Resource": "*"})
    told = credentials(home.server)
    credential = f"Credential={told['AccessKeyId']}/20260101/{REGION}/sqs/aws4_request, SignedHeaders=host, Signature=0"
    request = urllib.request.Request(
        home.server.endpoint,
        b"{}",
        {
            "Authorization": f"AWS4-HMAC-SHA256 {credential}",
            "X-Amz-Security-Token": told["Token"],
            "X-Amz-Target": "secretsmanager.ListSecrets",
        },
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)

    assert b"does not know which operation" in refused.value.read()


def test_users_have_their_policies_and_those_of_their_groups(home: Home) -> None:
    """An access key of a user is authorized like a session."""
    call = home.owner.call
    call("iam", "CreateUser", UserName="reader")
    call("iam", "CreateGroup", GroupName="readers")
    key = call("iam", "CreateAccessKey", UserName="reader")["AccessKey"]
    keys = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
    kms = client(home, "kms", **keys, aws_session_token=None)
    with pytest.raises(ClientError, match=rf"User: arn:aws:iam::{ACCOUNT_ID}:user/reader is not authorized"):
        kms.list_keys()
    allow = json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]}
    )
    call("iam", "PutGroupPolicy", GroupName="readers", PolicyName="p", PolicyDocument=allow)
    call("iam", "AddUserToGroup", GroupName="readers", UserName="reader")

    kms.list_keys()


def test_managed_policies_apply_in_their_default_version(home: Home) -> None:
    """A permissions boundary limits them."""
    call = home.owner.call
    documents = [
        json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]})
        for action in ("kms:ListKeys", "sqs:ListQueues")
    ]
    arn = call("iam", "CreatePolicy", PolicyName="managed", PolicyDocument=documents[0])["Policy"]["Arn"]
    call("iam", "AttachRolePolicy", RoleName=ROLE, PolicyArn=arn)
    client(home, "kms").list_keys()
    call("iam", "CreatePolicyVersion", PolicyArn=arn, PolicyDocument=documents[1], SetAsDefault=True)
    client(home, "sqs").list_queues()
    with pytest.raises(ClientError, match="kms:ListKeys because no identity-based policy"):
        client(home, "kms").list_keys()

    boundary = call("iam", "CreatePolicy", PolicyName="boundary", PolicyDocument=documents[0])["Policy"]["Arn"]
    call("iam", "PutRolePermissionsBoundary", RoleName=ROLE, PermissionsBoundary=boundary)

    with pytest.raises(ClientError, match="because no permissions boundary allows the sqs:listqueues action"):
        client(home, "sqs").list_queues()
    call("iam", "DeleteRolePermissionsBoundary", RoleName=ROLE)
    call("iam", "DetachRolePolicy", RoleName=ROLE, PolicyArn=arn)


def test_the_owner_needs_no_permissions(home: Home, queues: Queues) -> None:
    """The access key of the deployment belongs to the account itself."""
    home.owner.call("sqs", "GetQueueAttributes", QueueUrl=queues.url)

    assert denials(home) == []


def test_denials_are_bounded_and_counted(home: Home, queues: Queues) -> None:
    """There is one entry for each role, action and resource."""
    sqs = client(home, "sqs")
    for _ in range(3):
        with pytest.raises(ClientError):
            sqs.get_queue_attributes(QueueUrl=queues.url)

    (denial,) = denials(home)
    assert (denial["action"], denial["count"]) == ("sqs:GetQueueAttributes", 3)


def test_does_not_report_denials_that_are_allowed_now(home: Home, queues: Queues) -> None:
    """Denials from before a correction of the policy are removed."""
    with pytest.raises(ClientError):
        client(home, "sqs").get_queue_attributes(QueueUrl=queues.url)
    home.put_policy({"Effect": "Allow", "Action": "sqs:ReceiveMessage", "Resource": "*"})
    assert len(denials(home)) == 1

    home.put_policy({"Effect": "Allow", "Action": "sqs:Get*", "Resource": "*"})

    assert denials(home) == []
