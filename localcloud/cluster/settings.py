"""The settings of the local cloud that the node agent needs."""

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
    """Settings from `settings.json` and `ports.json` of a state folder."""

    state: Path
    region: str
    """The AWS region, such as eu-central-1, used in the labels of the nodes."""
    pod_octet: int
    """X of the pod network 10.X.0.0/16, which is 127.X.0.0/16 on this machine."""
    gateway_address: str
    """Loopback address on which load balancers listen."""
    kube_server: str
    kube_ca_pem: str
    kube_token: str
    kubelet_port: int
    webhook_port: int
    """Port of the admission webhook that adds readiness gates to new pods."""
    aws_endpoint: str
    """URL of the AWS API."""

    @property
    def images(self) -> ImageStore:
        """The store of the images that pods can run."""
        return ImageStore(self.state)

    @property
    def aws_environment(self) -> Mapping[str, str]:
        """AWS variables for every pod, without credentials, which pods get from Pod Identity only."""
        return {
            "AWS_ENDPOINT_URL": self.aws_endpoint,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            # Requests for instance metadata would wait for a response that never arrives.
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    @property
    def trust(self) -> Mapping[str, str]:
        """Variables that make pods trust the local certificate authority instead of that of RDS."""
        return {"PGSSLROOTCERT": str(self.state / AUTHORITY_FOLDER / "ca.crt")}

    @classmethod
    def read(cls, state: Path) -> "NodeSettings":
        """Read the settings from both files.

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
