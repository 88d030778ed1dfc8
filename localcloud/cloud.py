"""Where a running local cloud answers: the one record that its parts and its callers share."""

from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from localcloud.files import read_json, write_json

CLOUD_FILE = "cloud.json"
"""The record of a cloud that is ready."""
PLANNED_FILE = "planned.json"
"""The same record before every part is ready: for the parts themselves."""
SETTINGS_FILE = "settings.json"
"""What the parts need beyond that record."""
ACCOUNT_ID = "123456789012"
"""The AWS account that is played; the one of AWS's own documentation, so nobody's."""

ACCESS_KEY = "drydock"
"""Access key and secret of that account; moto takes any, so these are no secret."""


@dataclass(frozen=True, kw_only=True)
class Cloud:
    """The endpoints and credentials of a running local cloud; written 0600 when every part is ready."""

    name: str
    """`local`, or `rehearse-<stack>-<n>`."""
    pid: int
    """Process id of the supervisor."""
    region: str
    account_id: str
    aws_endpoint: str
    """http://127.0.0.1:PORT, the AWS wire API."""
    aws_access_key_id: str
    aws_secret_access_key: str
    kubeconfig: str
    """Path of an admin kubeconfig."""
    kube_server: str
    """https://127.0.0.1:PORT."""
    kube_ca_pem: str
    kube_token: str
    postgres_host: str
    postgres_port: int
    postgres_user: str
    """The superuser, which plays the RDS control plane; the service never sees it."""
    postgres_password: str
    gateway_address: str
    """Loopback address on which load balancers listen, each at its Service's own port."""
    authority: str = ""
    """Path of the certificate of the local authority, which load balancers and databases are certified by."""
    providers: dict[str, int]
    """Loopback gRPC port of each provider stand-in: aws, kubernetes, random, docker-build."""

    @property
    def ports(self) -> list[int]:
        """The loopback ports that the program and its clients connect to."""
        urls = [self.aws_endpoint, self.kube_server]
        return [*(urlsplit(url).port or 0 for url in urls), self.postgres_port, *self.providers.values()]

    def write(self, state: Path, file: str = CLOUD_FILE) -> None:
        """Write the record whole or not at all, readable by its owner only."""
        write_json(state / file, asdict(self))

    @classmethod
    def read(cls, state: Path, file: str = CLOUD_FILE) -> "Cloud | None":
        """Return the record in a state folder, or None where no local cloud has become ready."""
        record = read_json(state / file)
        return cls(**record) if record else None
