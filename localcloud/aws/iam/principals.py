"""Finds the principal that signed a request, a session of a role or a user, with its policies, in moto's state."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from localcloud.aws.iam.decision import Policies, Statements
from localcloud.aws.iam.patterns import Values
from localcloud.aws.iam.policy import Caller, statements
from localcloud.aws.iam.requests import Signature
from localcloud.aws.moto_patches.sts_session_tags import (
    POLICY_ARNS,
    SESSION_TAGS,
    SOURCE_IDENTITY,
    TRANSITIVE_TAGS,
)


class UnknownKeyError(Exception):
    """No session or user of the account has this access key and session token."""


class ExpiredError(Exception):
    """The session has expired."""


@dataclass(frozen=True, kw_only=True)
class Principal:
    """The principal that signed a request."""

    arn: str
    """ARN of the session or user."""
    role: str
    """ARN of the role or user."""
    caller: Caller
    policies: Policies
    """Policies of the principal, without those of resources."""
    context: Mapping[str, Values] = field(default_factory=dict)
    """Condition keys of the principal, in lower case."""
    service_account: str = ""
    """`namespace/name` of the service account if a pod uses the session. Otherwise empty."""
    passed_on: Mapping[str, Any] = field(default_factory=dict)
    """Parameters of AssumeRole that sessions inherit when this principal assumes a role: transitive `Tags`,
    `SourceIdentity`."""


@dataclass(frozen=True, kw_only=True)
class Holder:
    """The holder of an access key: moto's object of a session or a user."""

    secret: str
    session: Any = None
    user: Any = None


def find(account_id: str, signed: Signature) -> Principal:
    """Return the principal of a signature.

    Raises:
        UnknownKeyError: no session or user has the access key, or the role of the session was deleted.
        ExpiredError: the session has expired.
    """
    from moto.iam.models import iam_backends  # noqa: PLC0415 - slow to load, and only the server needs it

    iam = iam_backends[account_id]["aws"]
    holder = holder_of(account_id, signed.key_id, signed.token)
    if holder.session is None:
        return _user(iam, holder.user, account_id)
    role = next((each for each in iam.roles.values() if each.arn == holder.session.role_arn), None)
    if role is None:
        raise UnknownKeyError
    return _session(iam, holder.session, role, account_id)


def owner(account_id: str) -> Principal:
    """Return the owner of the account, an administrator who signs with the account's own access key.

    Its ARN is the one that `sts get-caller-identity` returns.
    """
    arn = f"arn:aws:sts::{account_id}:user/moto"
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    return Principal(
        arn=arn,
        role=arn,
        caller=Caller(names=frozenset({arn}), session=arn, account=account_id),
        policies=Policies(identity=statements(everything)),
        context=_context(arn, account_id, "User", "AKIAIOSFODNN7EXAMPLE", {}),
    )


def holder_of(account_id: str, key_id: str, token: str) -> Holder:
    """Return the holder of an access key.

    Args:
        account_id: id of the account.
        key_id: id of the access key.
        token: session token of the request. "" for a user's access key.

    Raises:
        UnknownKeyError: no session or user has the access key.
        ExpiredError: the session has expired.
    """
    from moto.iam.models import iam_backends  # noqa: PLC0415
    from moto.sts.models import sts_backends  # noqa: PLC0415

    for session in sts_backends[account_id]["aws"].assumed_roles:
        if session.access_key_id == key_id and session.session_token == token:
            if session.expiration.replace(tzinfo=UTC) < datetime.now(UTC):
                raise ExpiredError
            return Holder(secret=str(session.secret_access_key), session=session)
    for user in iam_backends[account_id]["aws"].users.values():
        for key in user.access_keys:
            if key.access_key_id == key_id and key.status == "Active":
                return Holder(secret=str(key.secret_access_key), user=user)
    raise UnknownKeyError


def _session(iam: Any, session: Any, role: Any, account_id: str) -> Principal:
    tags = _tags(role) | getattr(session, SESSION_TAGS, {})
    namespace, account = tags.get("kubernetes-namespace"), tags.get("kubernetes-service-account")
    identity = getattr(session, SOURCE_IDENTITY, "")
    return Principal(
        arn=session.arn,
        role=role.arn,
        caller=Caller(names=frozenset({session.arn, role.arn}), session=session.arn, account=account_id),
        policies=Policies(
            identity=_identity(role),
            boundary=_boundary(iam, role.permissions_boundary_arn),
            session=_session_policies(iam, session),
        ),
        context=_context(role.arn, account_id, "AssumedRole", f"{role.id}:{session.session_name}", tags)
        | ({"aws:sourceidentity": (identity,)} if identity else {}),
        service_account=f"{namespace}/{account}" if namespace and account else "",
        passed_on={
            "Tags": [{"Key": key, "Value": value} for key, value in getattr(session, TRANSITIVE_TAGS, {}).items()],
            "SourceIdentity": identity,
        },
    )


def _session_policies(iam: Any, session: Any) -> Statements | None:
    """Return the statements of all session policies, which limit the session, or None if it has none.

    A managed policy that does not exist allows nothing.
    """
    arns = getattr(session, POLICY_ARNS, [])
    if not session.policy and not arns:
        return None
    inline = statements(session.policy) if session.policy else ()
    return [*inline, *(statement for arn in arns for statement in _boundary(iam, arn) or ())]


def _user(iam: Any, user: Any, account_id: str) -> Principal:
    groups = [group for group in iam.groups.values() if user in group.users]
    identity = [statement for holder in (user, *groups) for statement in _identity(holder)]
    context = _context(user.arn, account_id, "User", str(user.id), _tags(user))
    return Principal(
        arn=user.arn,
        role=user.arn,
        caller=Caller(names=frozenset({user.arn}), session=user.arn, account=account_id),
        policies=Policies(identity=identity, boundary=_boundary(iam, getattr(user, "permissions_boundary_arn", None))),
        context={**context, "aws:username": (user.name,)},
    )


def _context(arn: str, account_id: str, kind: str, id_: str, tags: Mapping[str, str]) -> dict[str, Values]:
    return {
        "aws:principalarn": (arn,),
        "aws:principalaccount": (account_id,),
        "aws:principaltype": (kind,),
        "aws:userid": (id_,),
        **{f"aws:principaltag/{key}".lower(): (value,) for key, value in tags.items()},
    }


def _tags(holder: Any) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in holder.tags or []}


def _identity(holder: Any) -> Statements:
    inline = holder.policies.values() if isinstance(holder.policies, dict) else holder.policies
    documents = [each if isinstance(each, str) else each["policy_document"] for each in inline]
    documents += [_default_version(policy) for policy in holder.managed_policies.values()]
    return [statement for document in documents for statement in statements(document)]


def _boundary(iam: Any, arn: str | None) -> Statements | None:
    if not arn:
        return None
    policy = iam.managed_policies.get(arn)
    return statements(_default_version(policy)) if policy is not None else ()


def _default_version(policy: Any) -> str:
    return next(str(version.document) for version in policy.versions if version.is_default)
