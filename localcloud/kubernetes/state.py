"""What the engine keeps of an object: the live object, and what Pulumi's own provider needs to go on from there.

Its keys are that provider's, so that either of the two takes over the state of the other:
https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/provider/provider.go (checkpointObject).
"""

import secrets

from localcloud.kubernetes.inputs import annotation
from localcloud.kubernetes.reference import FIELD_MANAGER, Manifest
from localcloud.protocol.values import Properties, secret

INPUTS = "__inputs"
INITIAL_API_VERSION = "__initialApiVersion"
MANAGER = "__fieldManager"
CHOSEN_MANAGER = "pulumi.com/patchFieldManager"


def manager_of(inputs: Properties, outputs: Properties) -> str:
    """Return the field manager of an object: a chosen one, the one that made it, or a new one.

    Each object has one of its own, so that two resources that set the same field differently are in conflict.
    """
    found = annotation(inputs, CHOSEN_MANAGER) or outputs.get(MANAGER)
    return str(found or f"{FIELD_MANAGER}-{secrets.token_hex(4)}")


def outputs_of(live: Manifest, inputs: Properties, outputs: Properties, manager: str) -> Properties:
    """Return the live object without the API server's record of who wrote which field, and the keys above.

    Args:
        live: the object.
        inputs: what it was made of. They are kept encrypted, because nothing here tells which of them are secret.
        outputs: those of last time, or {}.
        manager: its field manager.
    """
    metadata = {key: value for key, value in live["metadata"].items() if key != "managedFields"}
    # They come from a property of another name, `stringData`, so the engine does not know them as secret by itself.
    data = {"data": secret(live["data"])} if live.get("kind") == "Secret" and "data" in live else {}
    return {
        **live,
        **data,
        "metadata": metadata,
        INPUTS: secret(inputs),
        INITIAL_API_VERSION: outputs.get(INITIAL_API_VERSION) or live["apiVersion"],
        MANAGER: manager,
    }
