"""The record of a running local cloud: endpoints and credentials, shared by its parts and its clients."""

from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from localcloud.files import read_json, write_json

CLOUD_FILE = "cloud.json"
"""File with the record of a local cloud that is ready."""
PLANNED_FILE = "planned.json"
"""File with the same record, written before all parts are ready; read by the parts themselves."""
SETTINGS_FILE = "settings.json"
"""File with further settings that the parts need."""
JOURNAL_FILE = "aws.journal"
"""File with all changing requests to the AWS account."""
ACCOUNT_ID = "123456789012"
"""The id of the simulated AWS account; it is the example id of the AWS documentation, so it is not a real account."""

ACCESS_KEY = "drydock"
"""Access key id and secret access key of that account; not confidential, because moto accepts any value."""


@dataclass(frozen=True, kw_only=True)
class Cloud:
    """The endpoints and credentials of a running local cloud, written with mode 0600 when every part is ready."""

    name: str
    """`local`, or `rehearse-<stack>-<n>`."""
    pid: int
    """Process id of the supervisor."""
    region: str
    account_id: str
    aws_endpoint: str
    """URL of the AWS API: http://127.0.0.1:PORT."""
    aws_access_key_id: str
    aws_secret_access_key: str
    kubeconfig: str
    """Path of an admin kubeconfig."""
    kube_server: str
    """URL of the API server: https://127.0.0.1:PORT."""
    kube_ca_pem: str
    kube_token: str
    postgres_host: str
    postgres_port: int
    postgres_user: str
    """The superuser, used for the operations of the RDS control plane; the service never uses it."""
    postgres_password: str
    gateway_address: str
    """Loopback address on which load balancers listen, each on the ports of its Service."""
    authority: str = ""
    """Path of the certificate of the local authority, which issues the certificates of load balancers and databases."""
    providers: dict[str, int]
    """Loopback gRPC port of each local provider: aws, kubernetes, random, docker-build."""

    @property
    def ports(self) -> list[int]:
        """The loopback ports to which the program and its clients connect."""
        urls = [self.aws_endpoint, self.kube_server]
        return [*(urlsplit(url).port or 0 for url in urls), self.postgres_port, *self.providers.values()]

    def write(self, state: Path, file: str = CLOUD_FILE) -> None:
        """Write the record atomically, with mode 0600."""
        write_json(state / file, asdict(self))

    @classmethod
    def read(cls, state: Path, file: str = CLOUD_FILE) -> "Cloud | None":
        """Return the record in a state folder, or None if no local cloud has become ready."""
        record = read_json(state / file)
        return cls(**record) if record else None
