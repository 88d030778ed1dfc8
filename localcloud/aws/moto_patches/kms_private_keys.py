"""moto generates an RSA key for each KMS key, a tenth of a second of CPU, although a symmetric key never uses it.

Upstream in 2026-11: not reported.
"""

from collections.abc import Callable
from functools import cached_property, partial

from moto.kms import models
from moto.kms.utils import AbstractPrivateKey

from localcloud.aws.moto_patches.patch import Changes, Patch


class GeneratedWhenUsed(AbstractPrivateKey):
    """A private key that is generated when it is used."""

    def __init__(self, generate: Callable[[], AbstractPrivateKey]) -> None:
        self._generate = generate

    @cached_property
    def _generated(self) -> AbstractPrivateKey:
        return self._generate()

    def sign(self, message: bytes, signing_algorithm: str) -> bytes:
        """Sign a message."""
        return self._generated.sign(message, signing_algorithm)

    def verify(self, message: bytes, signature: bytes, signing_algorithm: str) -> bool:
        """Return whether a signature is valid."""
        return self._generated.verify(message, signature, signing_algorithm)

    def public_key(self) -> bytes:
        """Return the public key."""
        return self._generated.public_key()


def apply(changes: Changes) -> None:
    """Patch moto."""
    generate = changes.put(models, "generate_private_key", lambda spec: GeneratedWhenUsed(partial(generate, spec)))


PATCH = Patch(name="kms_private_keys", apply=apply)
