"""Sign-in with IAM, from botocore's credentials to a real PostgreSQL. The AWS account is emulated."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pydantic import SecretStr

from app.core.postgres import sign_in
from app.core.postgres.conninfo import conninfo
from app.core.postgres.database import Database
from app.migrations.migrate import MigrationError, migrate
from app.settings import DatabaseAuth, Settings, SslMode
from localcloud.aws.database import PostgresDatabase
from localcloud.aws.server import AwsServer
from localcloud.aws.tokens.database import refusal
from localcloud.postgres.endpoint import Backend, serve, tls_context
from localcloud.postgres.sign_in import Iam
from tests.localcloud.aws.conftest import ACCOUNT_ID, REGION
from tests.support.postgres import PostgresServer, running

DBI = "db-M5ENSHXFPU6XHZ4G4ZEI5QIO2U"  # the id that moto gives every instance
ALLOWED = f"arn:aws:rds-db:{REGION}:{ACCOUNT_ID}:dbuser:{DBI}/service"


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A real server with the database of an instance, its owner and the roles of RDS."""
    with running(tmp_path_factory.mktemp("postgres")) as server:
        PostgresDatabase(host="127.0.0.1", port=server.port, user=server.user, password=server.password).ensure(
            {"identifier": "db", "username": "owner", "password": "first", "dbName": "app"}
        )
        yield server


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsServer]:
    """The emulated account, whose access keys sign the tokens."""
    server = AwsServer(
        tmp_path,
        0,
        account_id=ACCOUNT_ID,
        region=REGION,
        kube=("https://127.0.0.1:1", ""),
        database_endpoint=("127.0.0.1", 1),
    )
    server.start()
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.endpoint)
    use(monkeypatch, "drydock", "drydock", "")
    yield server
    server.stop()
    sign_in._session.cache_clear()


def use(monkeypatch: pytest.MonkeyPatch, key: str, secret: str, token: str) -> None:
    """Set the credentials that the service uses."""
    for name, value in (("ACCESS_KEY_ID", key), ("SECRET_ACCESS_KEY", secret), ("SESSION_TOKEN", token)):
        monkeypatch.setenv(f"AWS_{name}", value)
    sign_in._session.cache_clear()


def client(service: str) -> Any:
    return sign_in._session().create_client(service, region_name=REGION)


@pytest.fixture
async def rds(account: AwsServer, postgres: PostgresServer, tmp_path: Path) -> AsyncIterator[Settings]:
    """Settings with the endpoint of an emulated instance, which is backed by the real server."""
    superuser = {"host": "127.0.0.1", "port": postgres.port, "user": postgres.user, "password": postgres.password}
    front = await serve(0, Backend(port=postgres.port, iam=Iam(superuser, account.endpoint)), tls_context(tmp_path))
    port = front.sockets[0].getsockname()[1]
    from localcloud.aws.moto_patches import Places, apply  # noqa: PLC0415 (moto is loaded by the account)

    apply(Places(kube=("https://127.0.0.1:1", ""), database=("127.0.0.1", port)))
    client("rds").create_db_instance(
        DBInstanceIdentifier="db",
        Engine="postgres",
        DBInstanceClass="db.t4g.micro",
        DBName="app",
        MasterUsername="owner",
        MasterUserPassword="first-password",
        EnableIAMDatabaseAuthentication=True,
        AllocatedStorage=20,
    )
    async with front:
        yield Settings(
            db_host="127.0.0.1",
            db_port=port,
            db_name="app",
            db_user="service",
            db_auth=DatabaseAuth.IAM,
            db_sslmode=SslMode.REQUIRE,
        )


def as_owner(settings: Settings) -> Settings:
    """Return the settings of the migration: also the secret of the master user."""
    secret = SecretStr(json.dumps({"username": "owner", "password": "first"}))
    return settings.model_copy(update={"db_owner_secret": secret})


async def login(settings: Settings, **changes: object) -> list[Any]:
    """Sign in as the service does; return the name of the user and the number of items."""
    known = psycopg.conninfo.conninfo_to_dict(conninfo(settings)) | {"connect_timeout": 30}
    async with await psycopg.AsyncConnection.connect(**{**known, **changes}) as connection:
        return list(await (await connection.execute("SELECT current_user, count(*) FROM items")).fetchone() or ())


async def test_the_service_signs_in_with_a_token_only(
    rds: Settings, account: AwsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Passwords and changed tokens are refused, as is an IAM role without permission to connect as this user.

    The account records denials until IAM allows the connection, and then a use.
    """
    await asyncio.to_thread(migrate, as_owner(rds), 5.0)
    assert await login(rds) == ["service", 0]
    database = Database(rds)
    await database.open()
    assert (await database.read(b"SELECT current_user AS name"))[0]["name"] == "service"
    await database.close()
    token = sign_in.iam_token("127.0.0.1", rds.db_port, "service")
    for wrong in ("first", "[first", token[:-1] + "_", token.replace("service", "owner")):
        with pytest.raises(psycopg.OperationalError, match="PAM authentication failed for user"):
            await login(rds, password=wrong)

    iam, trust = client("iam"), {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT_ID}:root"}}
    document = json.dumps({"Version": "2012-10-17", "Statement": [{**trust, "Action": "sts:AssumeRole"}]})
    role = iam.create_role(RoleName="service", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    made = client("sts").assume_role(RoleArn=role, RoleSessionName="pod")["Credentials"]
    owner = client("iam")
    use(monkeypatch, made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])
    with pytest.raises(psycopg.OperationalError, match="PAM authentication failed for user"):
        await login(rds)
    for resource, works in ((ALLOWED.replace("/service", "/other"), False), (ALLOWED, True)):
        allow = {"Effect": "Allow", "Action": "rds-db:connect", "Resource": resource}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        owner.put_role_policy(RoleName="service", PolicyName="connect", PolicyDocument=policy)
        if works:
            assert await login(rds) == ["service", 0]
            assert account.denials.told()["denials"] == []
            assert account._gate.uses.told()[role] == ["rds-db:connect"]
        else:
            with pytest.raises(psycopg.OperationalError, match="PAM authentication failed for user"):
                await login(rds)
            (denial,) = account.denials.told()["denials"]
            assert (denial["role"], denial["action"], denial["resource"]) == (role, "rds-db:connect", ALLOWED)


async def test_the_role_of_the_service_may_only_read_and_write_rows(rds: Settings, postgres: PostgresServer) -> None:
    """Also in tables of later migrations; a migration reverts manual grants to the role."""
    settings = as_owner(rds)
    await asyncio.to_thread(migrate, settings, 5.0)
    postgres.execute("ALTER ROLE service CREATEDB PASSWORD 'known'; GRANT CREATE ON SCHEMA public TO service", "app")
    await asyncio.to_thread(migrate, settings, 5.0)
    postgres.execute("SET ROLE owner; CREATE TABLE IF NOT EXISTS later (id bigserial)", "app")

    async with await psycopg.AsyncConnection.connect(conninfo(rds), autocommit=True) as connection:
        for statement in ("INSERT INTO later DEFAULT VALUES", "SELECT * FROM alembic_version", "DELETE FROM items"):
            await connection.execute(statement)  # type: ignore[call-overload]
        for statement in (
            "CREATE TABLE mine (id int)",
            "DROP TABLE items",
            "ALTER TABLE items ADD COLUMN x int",
            "TRUNCATE items",
            "UPDATE alembic_version SET version_num = 'x'",
            "CREATE ROLE other",
            "CREATE DATABASE other",
            "SET ROLE owner",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                await connection.execute(statement)  # type: ignore[call-overload]


async def test_the_service_cannot_use_the_role_of_the_owner(rds: Settings) -> None:
    """The migration fails with a message."""
    with pytest.raises(MigrationError, match="DB_USER is owner, which owns the tables"):
        await asyncio.to_thread(migrate, as_owner(rds).model_copy(update={"db_user": "owner"}), 5.0)


async def test_a_token_is_valid_for_15_minutes_one_endpoint_and_one_user(rds: Settings) -> None:
    """Any other use is refused with the reason."""
    token = sign_in.iam_token("127.0.0.1", rds.db_port, "service")
    asked, now = {"token": token, "user": "service", "database": "app"}, datetime.now(UTC)

    def said(at: datetime = now, **changes: str) -> str:
        return refusal({**asked, **changes}, (ACCOUNT_ID, REGION), at)

    assert said() == said(now + timedelta(minutes=14)) == ""
    assert "expired" in said(now + timedelta(minutes=16))
    assert "not for this user" in said(user="owner")
    assert "no instance has the database" in said(database="other")
    assert "not for this endpoint" in said(token=sign_in.iam_token("127.0.0.1", 1, "service"))
    assert "its signature is wrong" in said(token=token.replace("Expires=900", "Expires=899"))
