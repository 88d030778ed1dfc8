"""The binaries that Drydock uses: taken from PATH if recent enough, else built from the pinned Go modules."""

from infra.toolchain.provide import ensure, ensure_providers
from infra.toolchain.toolchain import Toolchain

__all__ = ["Toolchain", "ensure", "ensure_providers"]
