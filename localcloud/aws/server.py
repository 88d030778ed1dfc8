"""moto's HTTP server with a journal, authorization, and additional pages below `/drydock/`."""

import json
import logging
import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from localcloud.aws import addons, determinism, inventory, load_balancers, moto_patches, pod_logs, queues
from localcloud.aws.account import Account
from localcloud.aws.catalog import RECORDED_ONLY
from localcloud.aws.history import Outcome, missing, unrecorded
from localcloud.aws.iam.denials import Denials
from localcloud.aws.iam.gate import Gate
from localcloud.aws.journal import Journal
from localcloud.aws.judge.trust import count
from localcloud.aws.pod_identity import PodIdentity, PodIdentityError, Review
from localcloud.aws.recorder import Recorder
from localcloud.aws.specifications.models import share_files
from localcloud.aws.target_health import health
from localcloud.aws.tokens.database import refusal
from localcloud.aws.tokens.review import Bind, review
from localcloud.aws.wsgi import Application, Environ, read_body
from localcloud.cloud import JOURNAL_FILE
from localcloud.errors import CloudError

log = logging.getLogger(__name__)

PAGES = "/drydock/"
SETTLE_SECONDS = 30


class UnknownPageError(Exception):
    """There is no such page, or not for this method."""


class AwsServer:
    """The server of the account. The constructor replays the journal, `start` and `stop` control the server.

    Args:
        state: folder of the journal.
        port: loopback port. 0 selects a free port.
        account_id: id of the account, to which all access keys belong.
        region: region whose default resources (VPC, subnets) a new account has.
        kube: endpoint and base64-encoded certificate authority of all EKS clusters.
        database_endpoint: host and port of all RDS instances.
        review_token: returns the subject of a ServiceAccount token. By default no token is valid.
        open_journal: opens the journal in a file.
        bind: creates the bindings of a token's principal in the cluster. Without it no token is reviewed.
    """

    def __init__(
        self,
        state: Path,
        port: int,
        *,
        account_id: str,
        region: str,
        kube: tuple[str, str],
        database_endpoint: tuple[str, int],
        review_token: Review = lambda _token: None,
        open_journal: Callable[[Path], Journal] = Journal,
        bind: Bind | None = None,
    ) -> None:
        # moto reads these variables when it is imported or called. A real profile of the user must not be used.
        os.environ.update(
            MOTO_ACCOUNT_ID=account_id,
            MOTO_EC2_LOAD_DEFAULT_AMIS="false",
            AWS_DEFAULT_REGION=region,
            AWS_EC2_METADATA_DISABLED="true",
        )
        os.environ.pop("AWS_PROFILE", None)
        share_files()
        from moto.moto_server.werkzeug_app import (  # noqa: PLC0415 - slow to load: after the environment, and once
            DomainDispatcherApplication,
            MotoRequestHandler,
            create_backend_app,
        )
        from werkzeug.serving import make_server  # noqa: PLC0415

        determinism.install()
        places = moto_patches.Places(kube=kube, database=database_endpoint, set_master_login=self._set_master_login)
        moto_patches.apply(places)
        self.on_master_login: Callable[[dict[str, str]], None] = lambda _login: None
        """Called with the login of a master user when RDS generates a new password, except in a replay."""
        self._replaying = False
        self._account_id, self._region, self._bind = account_id, region, bind
        self.journal = open_journal(state / JOURNAL_FILE)
        moto: Application = DomainDispatcherApplication(create_backend_app)
        self._recorder = Recorder(moto, self.journal)
        self._replay()
        self.journal.on_abort = self._rebuild
        self.on_rebuild: Callable[[], None] = lambda: None
        """Called after the account was rebuilt from its journal."""
        self._server = make_server(
            "127.0.0.1", port, self.answer, threaded=True, request_handler=_quiet(MotoRequestHandler)
        )
        self.port: int = self._server.server_port
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.denials = Denials()
        self._gate = Gate(self._recorder, account_id, self._recorder.paused, self.denials)
        self._eks = Account(account_id, region, self.endpoint, key=self._gate.own_key, application=self.answer)
        self.identity = PodIdentity(self._eks, review_token, self.denials)
        self._load_balancers = load_balancers.Pages(self._eks, self._recorder.paused)
        self._thread = threading.Thread(target=self._server.serve_forever, name="moto", daemon=True)

    def start(self) -> None:
        """Start serving in a separate thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stop serving, and close the journal, which is always complete."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self.journal.close()

    def reconcile(self, known: dict[tuple[str, str], str]) -> dict[str, list[dict[str, str]]]:
        """Reconcile the account with the engine's state.

        Args:
            known: revision of each resource in the state, by URN and id.

        Returns:
            `undone`: the operations that are not in the state and were undone. `missing`: the resources in the state
            whose revision the account does not have.

        Raises:
            CloudError: an operation is still running.
        """
        self.journal.settle(SETTLE_SECONDS)
        history = self.journal.history
        undone = unrecorded(history, known)
        if undone:
            self.journal.undo({outcome.revision for outcome in undone})
            self._rebuild()
        return {
            "undone": [{"op": outcome.op, **_public(outcome)} for outcome in undone],
            "missing": [{"urn": urn, "id": id_} for urn, id_ in missing(history, known)],
        }

    def left(self) -> list[dict[str, Any]]:
        """Return the resources left in the account."""
        with self._recorder.paused():
            return inventory.left(self._account_id, self._baseline)

    def _rebuild(self) -> None:
        """Rebuild the account from its journal. Keep the messages of queues, which the journal does not contain."""
        with self._recorder.paused():
            messages = queues.messages(self._account_id)
            self._replay()
            queues.put_back(self._account_id, messages)
        self.on_rebuild()

    def _replay(self) -> None:
        self._replaying = True
        try:
            self._reset()
            self._recorder.replay()
        finally:
            self._replaying = False

    def _set_master_login(self, login: dict[str, str]) -> None:
        # A replay generates old passwords. The caller sets the current ones afterwards.
        if not self._replaying:
            self.on_master_login(login)

    def master_logins(self) -> list[dict[str, str]]:
        """Return the current logins of the master users that RDS manages."""
        from localcloud.aws.moto_patches.rds_master_secret import logins  # noqa: PLC0415 - loads moto

        with self._recorder.paused():
            return logins(self._account_id, self._region)

    def _reset(self) -> None:
        """Clear the global state of moto, which an earlier server in this process can have filled."""
        from moto.core.base_backend import BackendDict, BaseBackend  # noqa: PLC0415

        # BackendDict.reset would recreate each backend before dropping it. Only some backends need their own reset.
        for services in BackendDict._instances:
            for _, _, backend in services.iter_backends():
                if type(backend).reset is not BaseBackend.reset:
                    backend.reset()
            services.clear()
        health.clear()
        with determinism.repeatable("fresh account"):
            self._baseline = inventory.fresh(self._account_id, self._region)

    def answer(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Handle a request from the network or from this process."""
        path = environ["PATH_INFO"]
        if path.removeprefix(PAGES) in load_balancers.PAGES:
            answer = self._load_balancers.answer(path.removeprefix(PAGES), json.loads(read_body(environ) or "{}"))
            start_response("200 OK", [("Content-Type", "application/json")])
            return [json.dumps(answer).encode()]
        if path.startswith(PAGES):
            return self._page(path.removeprefix(PAGES), environ, start_response)
        return self._gate(environ, start_response)

    def _page(self, name: str, environ: Environ, start_response: Any) -> Iterable[bytes]:
        try:
            content = self._content(environ["REQUEST_METHOD"], name, environ)
        except CloudError as error:
            status, text = "503 Service Unavailable", str(error)
        except PodIdentityError as error:
            status, text = f"{error.status} No Credentials", str(error)
        except UnknownPageError:
            status, text = "404 Not Found", "no such page; docs/local-cloud-aws.md lists the pages and their methods\n"
        else:
            start_response("200 OK", [("Content-Type", "application/json")])
            return [json.dumps(content).encode()]
        start_response(status, [("Content-Type", "text/plain")])
        return [text.encode()]

    def _content(self, method: str, name: str, environ: Environ) -> Any:
        match method, name:
            case "GET", "ledger":
                content: Any = [_public(outcome) for outcome in self.journal.live.values()]
            case "GET", "inventory":
                content = self.left()
            case "GET", "trust":
                made = (outcome.type for outcome in self.journal.live.values())
                content = count.of(made, RECORDED_ONLY).as_json()
            case "POST", "token-review" if self._bind:
                content = review(_body(environ), self._account_id, self._bind)
            case "POST", "database-sign-in":
                content = {"refusal": self._database_refusal(_body(environ))}
            case "POST", "reconcile":
                content = self.reconcile(
                    {(entry["urn"], entry["id"]): entry["revision"] for entry in _body(environ)["known"]}
                )
            case "POST", "pod-logs":
                content = pod_logs.write(self._eks, self.identity)
            case "GET", "denials" | "uses":
                content = (self.denials if name == "denials" else self._gate.uses).told()
            case "GET", "pod-identity" | "addon":
                content = self._for_nodes(name, parse_qs(environ.get("QUERY_STRING", "")))
            case "GET", "v1/credentials":
                content = self.identity.credentials(environ.get("HTTP_AUTHORIZATION", ""))
            case _:
                raise UnknownPageError
        return content

    def _database_refusal(self, asked: dict[str, str]) -> str:
        """Return the reason why a token of IAM database authentication is refused, or "" if it is accepted."""
        with self._recorder.paused():
            reason = refusal(asked, (self._account_id, self._region), decided=self._gate.note)
        if reason:
            log.warning("token for a database refused: %s", reason)
        return reason

    def _for_nodes(self, name: str, asked: dict[str, list[str]]) -> dict[str, Any]:
        if name == "addon":
            return {"configuration": addons.configuration(self._eks, asked.get("name", [""])[0])}
        names = (asked.get(key, [""])[0] for key in ("namespace", "serviceAccount"))
        return {"associated": self.identity.association(*names) is not None}


def _body(environ: Environ) -> Any:
    return json.loads(read_body(environ))


def _public(outcome: Outcome) -> dict[str, str]:
    """Return an outcome without its inputs and outputs, which contain secrets."""
    return {"urn": outcome.urn, "type": outcome.type, "id": outcome.id}


def _quiet(handler: type[Any]) -> type[Any]:
    """Return a request handler that does not log each request."""
    return type("QuietHandler", (handler,), {"log_request": lambda *_args, **_kwargs: None})
