"""What the node needs to know of the local cloud that it belongs to."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from localcloud.certificates import AUTHORITY_FOLDER
from localcloud.cloud import SETTINGS_FILE
from localcloud.errors import CloudError
from localcloud.files import read_json
from localcloud.images.store import ImageStore
from localcloud.ports import PORTS_FILE


@dataclass(frozen=True, kw_only=True)
class NodeSettings:
    """Taken from the `settings.json` and `ports.json` of a state folder."""

    state: Path
    region: str
    """Names the nodes and their zones, such as eu-central-1."""
    pod_octet: int
    """X of the pod network 10.X.0.0/16, which is 127.X.0.0/16 on this machine."""
    gateway_address: str
    """Loopback address on which load balancers listen."""
    kube_server: str
    kube_ca_pem: str
    kube_token: str
    kubelet_port: int
    webhook_port: int
    """Where the API server asks for the readiness gates of new pods."""
    aws_endpoint: str
    """Where the AWS wire API answers."""

    @property
    def images(self) -> ImageStore:
        """The images that pods may run."""
        return ImageStore(self.state)

    @property
    def aws_environment(self) -> Mapping[str, str]:
        """What every pod is given for AWS. Credentials are not among it: those come by Pod Identity, or not at all."""
        return {
            "AWS_ENDPOINT_URL": self.aws_endpoint,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            # Whoever asks for the instance's metadata would wait for an answer that never comes.
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    @property
    def trust(self) -> Mapping[str, str]:
        """Variables that make pods trust the local authority where their image trusts that of RDS."""
        return {"PGSSLROOTCERT": str(self.state / AUTHORITY_FOLDER / "ca.crt")}

    @classmethod
    def read(cls, state: Path) -> "NodeSettings":
        """Read both files.

        Raises:
            CloudError: a file or a key is missing.
        """
        values = {**(read_json(state / SETTINGS_FILE) or {}), "ports": read_json(state / PORTS_FILE) or {}}
        try:
            return cls(
                state=state,
                region=values["region"],
                pod_octet=values["pod_octet"],
                gateway_address=values["gateway_address"],
                kube_server=values["kube_server"],
                kube_ca_pem=values["kube_ca_pem"],
                kube_token=values["kube_token"],
                kubelet_port=values["ports"]["kubelet"],
                webhook_port=values["ports"]["webhook"],
                aws_endpoint=f"http://127.0.0.1:{values['ports']['aws']}",
            )
        except KeyError as error:
            raise CloudError(f"{state}: its settings lack {error}; restart the local cloud") from error
