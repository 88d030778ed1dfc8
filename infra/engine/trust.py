"""How far a run in a local cloud can be trusted, as the emulated account counts it."""

from infra.engine.loopback import ask
from localcloud.cloud import Cloud


def summary(cloud: Cloud) -> str:
    """Say how many resource types are emulated, and how many parameters of requests a model of AWS has checked."""
    found = ask(f"{cloud.aws_endpoint}/drydock/trust")
    recorded, unchecked = found["recorded"], len(found["unchecked"])
    names = f" ({', '.join(recorded)})" if recorded else ""
    return (
        f"{found['emulated']} AWS resource types emulated, {len(recorded)} recorded only{names}; of "
        f"{found['checked'] + unchecked} request parameters {found['checked']} checked by AWS's models, "
        f"{unchecked} not"
    )
