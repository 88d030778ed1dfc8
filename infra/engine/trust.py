"""How far a run in a local cloud can be trusted, based on counters of the emulated account."""

from infra.engine.loopback import ask
from localcloud.cloud import Cloud


def summary(cloud: Cloud) -> str:
    """Return a summary: emulated resource types, and how request parameters and inputs were checked."""
    found = ask(f"{cloud.aws_endpoint}/drydock/trust")
    recorded, unchecked = found["recorded"], len(found["unchecked"])
    checked, ruled = found["checked"], found["ruled"]
    names = f" ({', '.join(recorded)})" if recorded else ""
    return (
        f"{found['emulated']} AWS resource types emulated, {len(recorded)} recorded only{names}; of "
        f"{checked + ruled + unchecked} request parameters {checked} checked by AWS's models, {ruled} by rules, "
        f"{unchecked} not; of {found['inputs']} input properties {found['described']} checked by CloudFormation's "
        f"schemas, {len(found['recorded_inputs'])} recorded only"
    )
