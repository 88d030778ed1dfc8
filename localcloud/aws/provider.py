"""The stand-in for Pulumi's aws provider. It manages resources with AWS's API, which moto implements at `endpoint`.

Without an endpoint it still supports previews and functions, from tables, and needs neither moto nor boto3.
"""

import json
import logging
import re
import secrets
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from localcloud.aws import functions, properties
from localcloud.aws import preview as judge
from localcloud.aws.account import Account
from localcloud.aws.catalog import resource_types
from localcloud.aws.dry_account import opaque
from localcloud.aws.existing import Existing, Plan
from localcloud.aws.history import Outcome
from localcloud.aws.judge import schemas
from localcloud.aws.judge.refusal import RefusedError
from localcloud.aws.judge.rules.tags import too_many
from localcloud.aws.judge.trust import Subject, count
from localcloud.aws.rds_server import Database
from localcloud.aws.refusals import explained
from localcloud.aws.resource import Resource
from localcloud.aws.shapes import observed, planned, same
from localcloud.aws.sign_in import sign_in
from localcloud.aws.wsgi import Application
from localcloud.errors import CloudError
from localcloud.protocol.servicer import Change, Provider, ProviderError, Target
from localcloud.protocol.values import UNKNOWN, Properties, is_unknown

if TYPE_CHECKING:
    from botocore.credentials import Credentials

log = logging.getLogger(__name__)
_Done = tuple[str, Properties, Properties]  # id, inputs and outputs

SUFFIX_HEX_DIGITS = 7  # length of the suffix of Pulumi's autonames
_TAGS = ("tags", "tagsAll")
REVISION = "__revision"  # output with the id of the last operation on the resource
_MOVING = ("clientRequestToken", "defaultVersionId", "modifiedAt", REVISION)  # outputs that every update changes


class Operations(Protocol):
    """Makes each operation of the provider atomic, even if the process is killed. See `journal`."""

    def begin(self) -> str:
        """Start an operation and return its id, which is sent with its requests."""

    def commit(self, operation: str, outcome: Properties) -> None:
        """Persist the requests and the outcome of an operation atomically."""

    def abort(self, operation: str) -> None:
        """Undo the changes of an operation."""

    def revision(self, urn: str, id_: str) -> str:
        """Return the revision of the last operation on a resource, or "" if there is none."""


class AwsProvider(Provider):
    """The stand-in provider, for one account and one region. `configure` sets region, default tags and roles."""

    name = "aws"

    def __init__(
        self,
        account_id: str,
        region: str,
        endpoint: str | None,
        operations: Operations | None = None,
        database: Database | None = None,
        *,
        application: Application | None = None,
    ) -> None:
        self.account_id = account_id
        self.region = region
        self.owner = None if endpoint is None else Account(account_id, region, endpoint, application=application)
        """The account, with the key of its owner. None without an endpoint."""
        self._operations = operations
        self._resources = resource_types(database)
        self._judged = resource_types()  # without a database, because a preview changes nothing
        self._default_tags: dict[str, str] = {}
        self._accounts: dict[str, Account] = {}
        self._roles: list[Properties] = []
        self._credentials: Credentials | None = None
        self._lock = threading.Lock()
        self._plan = Plan()

    def configure(self, variables: Properties) -> None:
        """Set `region`, `defaultTags` and `assumeRoles`, which Pulumi sends as JSON text.

        A variable that is not given keeps its value, because Pulumi can also configure a default provider, which has no
        region.

        Raises:
            ProviderError: a role cannot be assumed, or the account is not in `allowedAccountIds`.
        """
        self._plan.clear()
        allowed = _from_json(variables.get("allowedAccountIds")) or []
        if allowed and self.account_id not in map(str, allowed):
            raise ProviderError(f"AWS account ID not allowed: {self.account_id}")
        if variables.get("region"):
            self.region = str(variables["region"])
            self._sign_in(_from_json(variables.get("assumeRoles")) or [])
        tags = _from_json(variables.get("defaultTags"))
        if isinstance(tags, dict):
            self._default_tags = {str(k): str(v) for k, v in (_from_json(tags.get("tags")) or {}).items()}

    def check(self, target: Target, old: Properties, new: Properties) -> Properties:
        """Refuse properties that the local cloud does not keep, then set the autoname, region, defaults and tags."""
        resource = self._resource(target)
        inputs = {key: value for key, value in new.items() if not key.startswith("__")}
        properties.check(target, inputs, regional=resource.regional)
        if resource.autoname and resource.autoname not in inputs:
            inputs[resource.autoname] = self._autoname(resource, target, old, inputs)
        if resource.regional:
            inputs.setdefault("region", self.region)
        for key, value in resource.defaults.items():
            inputs.setdefault(key, value)
        if resource.tagging is not None:
            tags = inputs.get("tags") or {}
            inputs["tagsAll"] = tags if isinstance(tags, str) else {**self._default_tags, **tags}
        return inputs

    def diff(self, target: Target, id_: str, old: Properties, outputs: Properties, new: Properties) -> Change:
        """Compare the old and new inputs. Outputs are not compared."""
        resource = self._resource(target)
        self._plan.deployed(self._judged[target.type], id_, {**old, **outputs})
        changed = sorted(_changed(old, new))
        if "tags" in changed and "tagsAll" in changed:
            changed.remove("tagsAll")
        replacing = {*resource.replaces, resource.autoname, "region", *resource.forces_new(old, new)}
        replaces = [key for key in changed if key in replacing]
        name = new.get(resource.autoname) if resource.autoname else None
        # For the replacement of an autonamed resource, the engine calls Check again without the old name.
        taken = name is not None and name == old.get(resource.autoname) and not _is_autoname(resource, target, new)
        return Change(changed=changed, replaces=replaces, delete_before_replace=taken or resource.exclusive)

    def create(self, target: Target, inputs: Properties, *, preview: bool) -> tuple[str, Properties]:
        """Create the resource. In a preview, return the inputs, with computed properties of blocks as unknown."""
        resource = self._resource(target)
        judged = self._judged[target.type]
        new = Existing(resource=judged, properties=inputs, new=inputs)
        self._judge(target, lambda dry: judged.create(dry, opaque(inputs)), inputs, new)
        self._plan.new(judged, inputs)
        if preview:
            return "", resource.previewed(inputs)
        aws = self._account(inputs)

        def make() -> tuple[str, Properties, Properties]:
            id_ = resource.create(aws, inputs)
            described = schemas.described(target.type, inputs, resource.renames)
            kept = properties.recorded(target.type, inputs)
            count.add_inputs(properties.given(target.type, inputs), described, kept)
            return id_, inputs, self._outputs(resource, aws, id_, inputs)

        return self._run(target, "create", make, inputs)

    def read(
        self, target: Target, id_: str, inputs: Properties, outputs: Properties
    ) -> tuple[str, Properties, Properties] | None:
        """Return the current state of the resource, and the inputs that correspond to it."""
        resource = self._resource(target)
        state = self._state(target, resource, self._account(inputs), id_, inputs)
        if state is None:
            return None
        if not inputs and not outputs:  # an import
            inputs = {key: state[key] for key in resource.imported if state.get(key) is not None}
            inputs |= {"region": self.region} if resource.regional else {}
        told = {key: value for key, value in state.items() if key not in ("id", *resource.local)}
        found = observed(inputs, told)
        if resource.tagging is not None and "tagsAll" in state:
            found["tagsAll"] = state["tagsAll"]
            tags = self._own_tags(inputs.get("tags") or {}, state["tagsAll"])
            if tags or "tags" in inputs:
                found["tags"] = tags
        revision = {REVISION: self._operations.revision(target.urn, id_)} if self._operations else {}
        return id_, found, {**self._merged(resource, id_, found, state), **revision}

    def update(
        self, target: Target, id_: str, old: Properties, outputs: Properties, new: Properties, *, preview: bool
    ) -> Properties:
        """Update the changed properties. In a preview, return the outputs as far as they are known."""
        resource = self._resource(target)
        changed = _changed(old, new)
        settings = changed.difference(_TAGS)
        judged, known = self._judged[target.type], opaque(new)

        def work(dry: Account) -> None:
            judged.update(dry, id_, old, known, settings)
            tags = known.get("tagsAll") or {}
            if not changed.isdisjoint(_TAGS) and not isinstance(tags, str):  # a string if all tags are unknown
                judged.retag(dry, id_, known, old.get("tagsAll") or {}, tags)

        now = Existing(resource=judged, properties={**old, **outputs}, new=new, id=id_, deployed=True)
        self._judge(target, work, new, now)
        self._plan.deployed(judged, id_, planned(old, outputs, new))
        if preview:
            # Replace the maps of tags completely. Unlike in a block, keys that the program removed do not remain.
            tags = {key: new.get(key) for key in _TAGS}
            moving = {key: UNKNOWN for key in _MOVING if key in outputs}
            return {**resource.previewed(planned(old, outputs, new)), **moving, **tags}
        aws = self._account(new)

        def change() -> tuple[str, Properties, Properties]:
            resource.update(aws, id_, old, new, settings)
            if not changed.isdisjoint(_TAGS):
                resource.retag(aws, id_, new, old.get("tagsAll") or {}, new.get("tagsAll") or {})
            return id_, new, self._outputs(resource, aws, id_, new)

        return self._run(target, "update", change, new)[1]

    def delete(self, target: Target, id_: str, inputs: Properties, outputs: Properties) -> None:
        """Delete the resource, unless it no longer exists."""
        resource = self._resource(target)
        known = {**outputs, **inputs}
        aws = self._account(known)

        def remove() -> tuple[str, Properties, Properties]:
            try:
                resource.delete(aws, id_, known)
            except Exception as error:
                if not resource.is_gone(error, id_, known):
                    raise
            return id_, inputs, {}

        self._run(target, "delete", remove, known)

    def invoke(self, token: str, args: Properties) -> Properties:
        """Call a function."""
        account = self._account({}) if self.owner else None
        return functions.answer(token, args, self.account_id, self.region, account)

    def restore(self, live: Iterable[Outcome]) -> None:
        """Restore what resources have outside of the account, such as databases, from the journal."""
        for outcome in live:
            try:
                self._resources[outcome.type].restore(outcome.inputs)
            except ProviderError as error:
                log.warning("%s %s: %s", outcome.type, outcome.id, error)

    def _resource(self, target: Target) -> Resource:
        try:
            return self._resources[target.type]
        except KeyError:
            raise ProviderError(
                f"{target.type} {target.name}: the local cloud has no stand-in for this type; "
                "add it under localcloud/aws/services (docs/make-it-yours.md, Add a resource type), or leave it out of "
                "this stack. If you have just added it and the local cloud runs, restart that: "
                "drydock down local --keep-data"
            ) from None

    def _sign_in(self, roles: list[Properties]) -> None:
        """Sign requests with the session of the last role, or as the owner of the account if there is no role."""
        if self.owner is None:
            return
        credentials = sign_in(self.owner.in_region(self.region), roles)
        with self._lock:
            # Clients are slow to create. For the same roles, a valid session can be reused.
            if roles != self._roles:
                self._roles, self._credentials = roles, credentials
                self._accounts.clear()

    def _account(self, inputs: Mapping[str, Any]) -> Account:
        if self.owner is None:
            raise ProviderError("this preview runs without a cloud: only a deployment can read or change resources")
        region = str(inputs.get("region") or self.region)
        with self._lock:
            if region not in self._accounts:
                self._accounts[region] = self.owner.in_region(region, self._credentials)
            return self._accounts[region]

    def _autoname(self, resource: Resource, target: Target, old: Properties, new: Properties) -> str:
        prefix = _prefix(resource, target, new)
        if str(old.get(resource.autoname, "")).startswith(prefix):
            return str(old[resource.autoname])
        name = f"{prefix}{secrets.token_hex(4)[:SUFFIX_HEX_DIGITS]}"
        return resource.legal_name(name)

    def _run(self, target: Target, kind: str, work: Callable[[], _Done], known: Properties) -> tuple[str, Properties]:
        """Run `work` as one atomic operation of the journal. `known` are the properties for error messages."""
        subject = Subject(type=target.type, inputs=known, renames=self._resource(target).renames)
        if self._operations is None:
            id_, _, outputs = work()
            return id_, outputs
        operation = self._operations.begin()
        try:
            with Account.marked(operation), count.about(subject):
                id_, inputs, outputs = work()
            outputs = {**outputs, REVISION: operation}
            outcome = {"op": kind, "urn": target.urn, "type": target.type, "id": id_}
            self._operations.commit(operation, {**outcome, "inputs": inputs, "outputs": outputs})
        except Exception as error:
            self._operations.abort(operation)
            if isinstance(error, ProviderError | CloudError):
                raise ProviderError(f"{target.type} {target.name}: {error}") from error
            raise explained(target, kind, error, known, self._resource(target)) from error
        return id_, outputs

    def _judge(self, target: Target, work: Callable[[Account], object], inputs: Properties, existing: Existing) -> None:
        """Check all requests of a deployment before any is sent, by running `work` with a dry account."""
        resource = existing.resource
        try:
            region = str(inputs.get("region") or self.region)
            judge.run(target.type, work, self.account_id, region, existing=existing, plan=self._plan)
            if resource.tagging and (error := too_many(resource.service, resource.tagging.add, inputs.get("tagsAll"))):
                raise error
            schemas.check(target.type, resource.service, inputs, resource.renames)
        except RefusedError as error:
            raise explained(target, "preview", error, inputs, resource) from error

    def _outputs(self, resource: Resource, aws: Account, id_: str, inputs: Properties) -> Properties:
        return self._merged(resource, id_, inputs, resource.read(aws, id_, inputs) or {})

    def _merged(self, resource: Resource, id_: str, inputs: Properties, state: Properties) -> Properties:
        return {**inputs, **state, **resource.kept(inputs), "id": id_}

    def _state(
        self, target: Target, resource: Resource, aws: Account, id_: str, inputs: Properties
    ) -> Properties | None:
        try:
            return resource.read(aws, id_, inputs)
        except Exception as error:
            if resource.is_gone(error, id_, inputs):
                return None
            raise explained(target, "read", error, inputs, resource) from error

    def _own_tags(self, wanted: Mapping[str, str], found: Mapping[str, str]) -> dict[str, str]:
        return {key: text for key, text in found.items() if key in wanted or self._default_tags.get(key) != text}


def _changed(old: Properties, new: Properties) -> set[str]:
    def differs(key: str) -> bool:
        before, after = old.get(key), new.get(key)
        if key in _TAGS:  # an empty tag differs from a missing tag
            return (before or {}) != (after or {})
        return is_unknown(after) or not (same(before, after) and same(after, before))

    return {key for key in {*old, *new} if differs(key)}


def _from_json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) and value else value


def _prefix(resource: Resource, target: Target, inputs: Properties) -> str:
    return str(inputs.get(f"{resource.autoname}Prefix") or f"{target.name}-")


def _is_autoname(resource: Resource, target: Target, inputs: Properties) -> bool:
    """Return whether the name was generated by Check, by its form. Pulumi's own provider records that instead."""
    name = str(inputs[resource.autoname])
    suffix = name[-SUFFIX_HEX_DIGITS:]
    generated = resource.legal_name(f"{_prefix(resource, target, inputs)}{suffix}")
    return name == generated and re.fullmatch("[0-9a-f]+", suffix) is not None
