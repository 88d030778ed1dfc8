"""moto's HTTP server with a journal, and three pages of our own: the ledger, the inventory, and the reaper."""

import json
import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from localcloud.aws import determinism, inventory, moto_patches
from localcloud.aws.journal import Journal, Live
from localcloud.aws.recorder import Application, Environ, Recorder

JOURNAL_FILE = "aws.journal"
PAGES = "/drydock/"
Reap = Callable[[set[tuple[str, str]]], list[dict[str, Any]]]


class AwsServer:
    """The account: replayed when made, served by `start` until `stop`.

    Args:
        state: folder of the journal.
        port: loopback port; 0 picks one.
        account_id: the account that every access key belongs to.
        region: the region whose defaults (VPC, subnets) a fresh account has.
        kube: endpoint and base64 certificate authority that EKS clusters answer with.
        database_endpoint: host and port that RDS instances answer with.
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
    ) -> None:
        # moto reads these when it is loaded or asked; a real profile of the user must never leak in.
        os.environ.update(
            MOTO_ACCOUNT_ID=account_id,
            MOTO_IAM_LOAD_MANAGED_POLICIES="true",
            MOTO_EC2_LOAD_DEFAULT_AMIS="false",
            AWS_DEFAULT_REGION=region,
            AWS_EC2_METADATA_DISABLED="true",
        )
        os.environ.pop("AWS_PROFILE", None)
        from moto.moto_server.werkzeug_app import (  # noqa: PLC0415 - slow to load: after the environment, and once
            DomainDispatcherApplication,
            MotoRequestHandler,
            create_backend_app,
        )
        from werkzeug.serving import make_server  # noqa: PLC0415

        determinism.install()
        moto_patches.apply(moto_patches.Places(kube=kube, database=database_endpoint))
        _reset()
        with determinism.repeatable("fresh account"):
            self._baseline = inventory.fresh(account_id, region)
        self._account_id = account_id
        self.journal = Journal(state / JOURNAL_FILE)
        moto: Application = DomainDispatcherApplication(create_backend_app)
        self._recorder = Recorder(moto, self.journal)
        self._recorder.replay()
        self.reap: Reap | None = None
        """Deletes the live resources that are not among the given URNs and ids; the provider's."""
        self._server = make_server(
            "127.0.0.1", port, self._serve, threaded=True, request_handler=_quiet(MotoRequestHandler)
        )
        self.port: int = self._server.server_port
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, name="moto", daemon=True)

    def start(self) -> None:
        """Serve on a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Stop serving; the journal is complete at any time."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self.journal.close()

    def left(self) -> list[dict[str, Any]]:
        """What is left in the account."""
        return inventory.left(self._account_id, self._baseline)

    def _serve(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path.startswith(PAGES):
            return self._page(path.removeprefix(PAGES), environ, start_response)
        return self._recorder(environ, start_response)

    def _page(self, name: str, environ: Environ, start_response: Any) -> Iterable[bytes]:
        match environ["REQUEST_METHOD"], name:
            case "GET", "ledger":
                answer: Any = [_public(live) for live in self.journal.ledger.live.values()]
            case "GET", "inventory":
                answer = self.left()
            case "POST", "reap" if self.reap is not None:
                asked = json.loads(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)) or b"{}")
                answer = self.reap({(entry["urn"], entry["id"]) for entry in asked.get("keep", ())})
            case _:
                start_response("404 Not Found", [("Content-Type", "text/plain")])
                return [b"try GET ledger, GET inventory or POST reap\n"]
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(answer).encode()]


def _public(live: Live) -> dict[str, str]:
    """Without inputs and outputs, which hold secrets."""
    return {"urn": live.urn, "type": live.type, "id": live.id}


def _reset() -> None:
    """Forget what an earlier server in this process held: moto keeps its backends in globals."""
    from moto.core.base_backend import BackendDict  # noqa: PLC0415

    BackendDict.reset()


def _quiet(handler: type[Any]) -> type[Any]:
    """Requests are not logged one by one."""
    return type("QuietHandler", (handler,), {"log_request": lambda *_args, **_kwargs: None})
