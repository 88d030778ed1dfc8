"""The state of an object that the engine stores: the live object, and the keys that Pulumi's own provider needs.

The keys are those of Pulumi's provider, so that each of the two providers can continue with the state of the other:
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
    """Return the field manager of an object: the one set by annotation, else the one in its state, else a new one.

    Each object has its own field manager, so that two resources that set the same field differently cause a conflict.
    """
    found = annotation(inputs, CHOSEN_MANAGER) or outputs.get(MANAGER)
    return str(found or f"{FIELD_MANAGER}-{secrets.token_hex(4)}")


def outputs_of(live: Manifest, inputs: Properties, outputs: Properties, manager: str) -> Properties:
    """Return the live object without managedFields, plus the keys above.

    Args:
        live: the live object.
        inputs: the inputs of the object; they are stored encrypted, because it is not known here which are secret.
        outputs: the outputs of the last deployment, or {}.
        manager: the field manager of the object.
    """
    metadata = {key: value for key, value in live["metadata"].items() if key != "managedFields"}
    # The values come from another property, `stringData`, so the engine does not mark them as secret by itself.
    data = {"data": secret(live["data"])} if live.get("kind") == "Secret" and "data" in live else {}
    return {
        **live,
        **data,
        "metadata": metadata,
        INPUTS: secret(inputs),
        INITIAL_API_VERSION: outputs.get(INITIAL_API_VERSION) or live["apiVersion"],
        MANAGER: manager,
    }
