"""moto generates an RSA key for each KMS key, a tenth of a second of CPU, although a symmetric key never uses it.

Upstream in 2026-11: not reported.
"""

from functools import cached_property
from typing import Any

from moto.kms import models

from localcloud.aws.moto_patches.patch import Changes, Patch


def apply(changes: Changes) -> None:
    """Patch moto."""

    class GeneratedWhenUsed:
        """A private key that is generated when one of its methods is called."""

        def __init__(self, spec: str) -> None:
            self._spec = spec

        @cached_property
        def _generated(self) -> Any:
            return generate(self._spec)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._generated, name)

    generate: Any = changes.put(models, "generate_private_key", GeneratedWhenUsed)


PATCH = Patch(name="kms_private_keys", apply=apply)
