"""Secrets are only in inputs and outputs that are marked as secret, which Pulumi encrypts and hides."""

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any
from urllib.parse import quote

from infra.policy.secret_shapes import secret_value
from tests.stacks.laws.graph.law import Break
from tests.support.edits import Edit, option, put
from tests.support.fake_outputs import AUTHORIZATION_TOKEN
from tests.support.recorder import texts
from tests.support.worlds import World

PASSWORD = "random:index/randomPassword:RandomPassword"


def _spellings(secret: str) -> set[str]:
    """Return the encodings of a secret: plain, in hex, in a URL, and in base64 at each of the three offsets."""
    raw = secret.encode()
    # The last group of four characters depends on the following text.
    coded = {encode(raw[i:])[:-4].decode() for i in range(3) for encode in (b64encode, urlsafe_b64encode)}
    return {secret, quote(secret, safe=""), raw.hex(), *coded}


def _secrets(world: World) -> set[str]:
    """Return all encodings of the secrets that the program generates or receives."""
    # `result` is the name of the property that holds it.
    generated = {text for each in world.all(PASSWORD) for text in each.identities - {each.id, "result"}}
    return {spelling for secret in (*generated, AUTHORIZATION_TOKEN) for spelling in _spellings(secret)}


def _leaks(value: Any, secrets: set[str]) -> bool:
    whole = "\n".join(texts(value))
    return any(secret in whole for secret in secrets)


def no_plain_input_has_a_secret(world: World) -> Iterator[str]:
    """Secrets are in marked inputs only, in any encoding."""
    secrets = _secrets(world)
    for resource in world.recording.resources.values():
        plain = {name: value for name, value in resource.inputs.items() if name not in resource.secret_inputs}
        for name in plain if _leaks(plain, secrets) else ():
            if _leaks(plain[name], secrets):
                yield f"{resource.name}: {name} holds a secret and is not marked"


def no_plain_output_has_a_secret(world: World) -> Iterator[str]:
    """Neither unmarked outputs of components nor outputs of the stack contain a secret."""
    secrets, recording = _secrets(world), world.recording
    for urn, outputs in recording.component_outputs.items():
        for name, value in outputs.items():
            if name not in recording.secret_outputs[urn] and _leaks(value, secrets):
                yield f"{urn.rpartition('::')[2]}: output {name} holds a secret and is not marked"
    for name, value in recording.result.items():
        if _leaks(value, secrets):
            yield f"stack: output {name} holds a secret"


def what_the_sdk_calls_secret_is_marked(world: World) -> Iterator[str]:
    """Inputs that the SDK declares as secret are marked, also with a literal value."""
    for resource in world.recording.resources.values():
        for name in sorted(set(resource.additional_secret_outputs) & set(resource.inputs) - resource.secret_inputs):
            yield f"{resource.name}: {name} is not marked"


_has_form_of_secret = cache(secret_value)  # all mistakes are searched in the same texts


def no_plain_input_looks_like_a_secret(world: World) -> Iterator[str]:
    """Keys of AWS, tokens, private keys, and credentials in a URL are recognized by their form."""
    for resource in world.recording.resources.values():
        for name, value in resource.inputs.items():
            if name not in resource.secret_inputs and any(_has_form_of_secret(text) for text in texts(value)):
                yield f"{resource.name}: {name} has a text in the form of a secret"


def a_kubeconfig_has_no_credential(world: World) -> Iterator[str]:
    """It runs `aws eks get-token`, which uses the credentials of the user."""
    for provider in world.all("pulumi:providers:kubernetes"):
        for user in json.loads(provider.inputs["kubeconfig"])["users"]:
            if set(user["user"]) != {"exec"}:
                yield f"{provider.name}: the user {user['name']} has {sorted(user['user'])}"


LAWS = [
    no_plain_input_has_a_secret,
    no_plain_output_has_a_secret,
    what_the_sdk_calls_secret_is_marked,
    no_plain_input_looks_like_a_secret,
    a_kubeconfig_has_no_credential,
]


def _outputs(**outputs: Any) -> Edit:
    """Return an edit that adds outputs to the stack."""
    return lambda world: replace(
        world, recording=replace(world.recording, result={**world.recording.result, **outputs})
    )


def _plain_output(component: str, **outputs: Any) -> Edit:
    """Return an edit that adds outputs without the mark to a component."""

    def edit(world: World) -> World:
        recording = world.recording
        (urn,) = [urn for urn in recording.component_outputs if urn.endswith(f"::{component}")]
        known = {**recording.component_outputs, urn: {**recording.component_outputs[urn], **outputs}}
        return replace(world, recording=replace(recording, component_outputs=known))

    return edit


_SECRET = AUTHORIZATION_TOKEN
_CONFIG, _DATABASE = "ConfigMap:workload-config", "Instance:database-instance"
BREAKS = [
    *(
        Break(
            name=f"the password is in the settings of the service, {how}",
            edit=put(_CONFIG, "data", "DATABASE_URL", value=text),
            law=no_plain_input_has_a_secret,
            says="workload-config: data holds a secret",
        )
        for how, text in [
            ("as it is", _SECRET),
            ("in base64", b64encode(f"x{_SECRET}".encode()).decode()),
            ("in base64 of a longer text", b64encode(f"password is {_SECRET}!".encode()).decode()),
            ("in hex", f"ab{_SECRET.encode().hex()}"),
        ]
    ),
    *(
        Break(
            name=f"{key} shows it in {name}",
            edit=put(key, name, value=f"it is {_SECRET}"),
            law=no_plain_input_has_a_secret,
            says=f"{key.partition(':')[2]}: {name} holds a secret",
        )
        for key, name in [("Key:database-master", "description"), ("RandomId:database-life", "prefix")]
    ),
    Break(
        name="the token of the registry is not marked",
        edit=option("Image:image-image", secret_inputs=frozenset()),
        law=no_plain_input_has_a_secret,
        says="image-image: registries holds a secret",
    ),
    Break(
        name="the stack gives out the password",
        edit=_outputs(database_url=f"postgres:{_SECRET}"),
        law=no_plain_output_has_a_secret,
        says="stack: output database_url",
    ),
    Break(
        name="a component gives out a secret that is not marked",
        edit=_plain_output("database", password=_SECRET),
        law=no_plain_output_has_a_secret,
        says="database: output password",
    ),
    Break(
        name="somebody typed a password of the database",
        edit=lambda world: option(_DATABASE, secret_inputs=frozenset())(
            put(_DATABASE, "password", value="correct horse")(world)
        ),
        law=what_the_sdk_calls_secret_is_marked,
        says="database-instance: password is not marked",
    ),
    *(
        Break(
            name=f"{what} is in the settings of the service",
            edit=put(_CONFIG, "data", "EXTRA", value=text),
            law=no_plain_input_looks_like_a_secret,
            says="workload-config: data has a text in the form of a secret",
        )
        for what, text in [
            ("a key of AWS", "AKIA" + "ABCDEFGHIJKLMNOP"),
            ("a URL with a password", "amqp://api:correct-horse@broker:5672"),
        ]
    ),
    Break(
        name="the kubeconfig has a client certificate",
        edit=put("kubernetes:kubernetes", "kubeconfig", "users", 0, "user", value={"client-certificate": "admin.crt"}),
        law=a_kubeconfig_has_no_credential,
        says="has ['client-certificate']",
    ),
]
