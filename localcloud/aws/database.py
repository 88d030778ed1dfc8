"""Implements RDS instances as roles and databases on the local PostgreSQL server."""

import psycopg
from psycopg import sql

from localcloud.protocol.servicer import ProviderError
from localcloud.protocol.values import Properties

CONNECT_SECONDS = 10
RDS_ROLES = ("rds_iam", "rds_superuser")
# The roles that a master user created. It has the admin option for them.
_MADE_BY = """
SELECT made.rolname FROM pg_auth_members JOIN pg_roles made ON made.oid = roleid
WHERE admin_option AND made.rolname <> ALL(%s) AND member = (SELECT oid FROM pg_roles WHERE rolname = %s)
"""
_OWNED = "drydock rds "  # prefix of a database's comment, followed by the name of its instance


class PostgresDatabase:
    """The database server of RDS instances. Connects as its superuser, like the control plane of RDS."""

    def __init__(self, *, host: str, port: int, user: str, password: str) -> None:
        self._server = {"host": host, "port": port, "user": user, "password": password, "dbname": "postgres"}

    def ensure(self, instance: Properties) -> None:
        """Create the role and the database of an instance if they do not exist, and set the password of the role.

        Args:
            instance: `identifier`, `username`, `password` and `dbName` of the instance.

        Raises:
            ProviderError: another instance owns the database with this name.
        """
        role, name, comment = _names(instance)
        password = str(instance["password"])
        with self._connect() as connection:
            exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [str(instance["username"])])
            statement = "ALTER ROLE {} LOGIN PASSWORD {}" if exists.fetchone() else "CREATE ROLE {} LOGIN PASSWORD {}"
            connection.execute(sql.SQL(statement + " CREATEDB CREATEROLE").format(role, sql.Literal(password)))
            self._administer(connection, role)
            owner = self._owner(connection, str(instance.get("dbName") or ""))
            if name is None or owner == comment:
                return
            if owner is not None:
                raise ProviderError(
                    f"database {instance['dbName']} belongs to {owner.removeprefix(_OWNED)!r}: the local cloud has one "
                    "server for all instances, so set another dbName for this one"
                )
            if not self._exists(connection, str(instance["dbName"])):
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, role))
            connection.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(name, sql.Literal(comment)))

    def _administer(self, connection: "psycopg.Connection[tuple[object, ...]]", role: sql.Identifier) -> None:
        """Create the roles of RDS, and make a master user a member of `rds_superuser`.

        A master user can grant `rds_iam` but is not a member of it.

        https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.PostgreSQL.CommonDBATasks.Roles.rds_superuser.html
        """
        for name in RDS_ROLES:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone():
                connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(name)))
        connection.execute("GRANT rds_iam TO rds_superuser WITH ADMIN TRUE, INHERIT FALSE, SET FALSE")
        connection.execute("GRANT pg_monitor, pg_signal_backend TO rds_superuser WITH ADMIN TRUE")
        connection.execute(sql.SQL("GRANT rds_superuser TO {}").format(role))

    def drop(self, instance: Properties) -> None:
        """Drop the database and the role of an instance if they exist, and close open connections."""
        role, name, comment = _names(instance)
        with self._connect() as connection:
            if name is not None and self._owner(connection, str(instance["dbName"])) in (comment, None):
                connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
            exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [str(instance["username"])])
            owns = connection.execute(
                "SELECT 1 FROM pg_database WHERE datdba = (SELECT oid FROM pg_roles WHERE rolname = %s)",
                [str(instance["username"])],
            )
            if exists.fetchone() and not owns.fetchone():
                made = connection.execute(_MADE_BY, [list(RDS_ROLES), str(instance["username"])]).fetchall()
                for each in (*(sql.Identifier(str(name)) for (name,) in made), role):
                    connection.execute(sql.SQL("DROP OWNED BY {}").format(each))
                    connection.execute(sql.SQL("DROP ROLE {}").format(each))

    def databases(self) -> list[str]:
        """Return the names of the databases that belong to instances."""
        with self._connect() as connection:
            rows = connection.execute(
                "SELECT datname FROM pg_database WHERE shobj_description(oid, 'pg_database') LIKE %s ORDER BY 1",
                [f"{_OWNED}%"],
            )
            return [str(name) for (name,) in rows]

    def _connect(self) -> "psycopg.Connection[tuple[object, ...]]":
        try:
            return psycopg.connect(**self._server, connect_timeout=CONNECT_SECONDS, autocommit=True)  # type: ignore[arg-type]
        except psycopg.OperationalError as error:
            raise ProviderError(
                f"the PostgreSQL server of RDS is unavailable at port {self._server['port']} ({str(error).strip()}); "
                "see the log of the part postgres"
            ) from error

    def _owner(self, connection: "psycopg.Connection[tuple[object, ...]]", name: str) -> str | None:
        query = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
        row = connection.execute(query, [name]).fetchone()
        return str(row[0]) if row and row[0] and str(row[0]).startswith(_OWNED) else None

    def _exists(self, connection: "psycopg.Connection[tuple[object, ...]]", name: str) -> bool:
        return connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def _names(instance: Properties) -> tuple[sql.Identifier, sql.Identifier | None, str]:
    name = instance.get("dbName")
    return (
        sql.Identifier(str(instance["username"])),
        sql.Identifier(str(name)) if name else None,
        f"{_OWNED}{str(instance['identifier']).lower()}",
    )
