"""Outputs of an object that the engine stores in its state."""

import re

from localcloud.kubernetes.state import manager_of, outputs_of
from localcloud.protocol.values import decode, encode, secret

LIVE = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "a", "uid": "1", "managedFields": [{"manager": "kubectl"}]},
    "data": {"level": "info"},
}
INPUTS = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"level": "info"}}


def test_has_the_keys_that_pulumis_own_provider_needs() -> None:
    """The inputs are secret, because it is unknown which of them are."""
    assert outputs_of(LIVE, INPUTS, {}, "pulumi-kubernetes-1a2b3c4d") == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "a", "uid": "1"},
        "data": {"level": "info"},
        "__inputs": secret(INPUTS),
        "__initialApiVersion": "v1",
        "__fieldManager": "pulumi-kubernetes-1a2b3c4d",
    }


def test_an_object_keeps_its_first_version() -> None:
    outputs = outputs_of(LIVE, INPUTS, {"__initialApiVersion": "v1beta1"}, "")

    assert outputs["__initialApiVersion"] == "v1beta1"


def test_the_data_of_a_secret_are_secret() -> None:
    """This includes stringData, which is another property."""
    outputs = outputs_of({**LIVE, "kind": "Secret", "data": {"a": "eA=="}}, INPUTS, {}, "")

    assert outputs["data"] == secret({"a": "eA=="})
    assert decode(encode(outputs))["data"] == {"a": "eA=="}


def test_each_object_has_its_own_field_manager_and_keeps_it() -> None:
    """The program may choose another one."""
    first, second = manager_of(INPUTS, {}), manager_of(INPUTS, {})
    chosen = {"metadata": {"annotations": {"pulumi.com/patchFieldManager": "us"}}}

    assert re.fullmatch("pulumi-kubernetes-[0-9a-f]{8}", first)
    assert first != second
    assert manager_of(INPUTS, {"__fieldManager": first}) == first
    assert manager_of(chosen, {"__fieldManager": first}) == "us"
