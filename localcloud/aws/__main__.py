"""`python -m localcloud.aws STATE`: serve the AWS account and the aws provider of a local cloud in one process."""

import base64
import logging
import signal
import sys
import threading
from pathlib import Path

from localcloud.aws.database import PostgresDatabase
from localcloud.aws.pod_identity import TokenReviews
from localcloud.aws.provider import AwsProvider
from localcloud.aws.server import AwsServer
from localcloud.aws.tokens.review import binder, lazily
from localcloud.cloud import SETTINGS_FILE
from localcloud.files import read_json
from localcloud.ports import PORTS_FILE
from localcloud.protocol.servicer import serve

STOP_SECONDS = 5


def main(state: Path) -> None:
    """Serve until SIGTERM. The port of the provider opens last, when everything else is ready."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    ports, settings = read_json(state / PORTS_FILE), read_json(state / SETTINGS_FILE)
    database = PostgresDatabase(
        host=settings["postgres_host"],
        port=settings["postgres_port"],
        user=settings["postgres_user"],
        password=settings["postgres_password"],
    )
    aws = AwsServer(
        state,
        ports["aws"],
        account_id=settings["account_id"],
        region=settings["region"],
        kube=(settings["kube_server"], base64.b64encode(settings["kube_ca_pem"].encode()).decode()),
        database_endpoint=(settings["postgres_host"], settings.get("rds_port", settings["postgres_port"])),
        bind=lazily(lambda: binder(str(state / "kubernetes" / "kubeconfig"))),
        review_token=TokenReviews(settings["kube_server"], settings["kube_ca_pem"], settings["kube_token"]),
    )
    provider = AwsProvider(
        settings["account_id"], settings["region"], aws.endpoint, aws.journal, database, application=aws.answer
    )
    aws.on_master_login = database.ensure

    def restore() -> None:
        provider.restore(aws.journal.live.values())
        for login in aws.master_logins():
            database.ensure(login)

    aws.on_rebuild = restore
    aws.on_rebuild()
    aws.start()
    server, _ = serve(provider, ports["provider-aws"])
    stop.wait()
    server.stop(STOP_SECONDS).wait()
    aws.stop()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    main(Path(sys.argv[1]))
