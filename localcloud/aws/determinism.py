"""Makes moto answer the same to the same requests: its random source is seeded and its clock set by each request.

Both are kept per thread, so that what is read meanwhile on other threads draws nothing from a change's ids.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from random import Random
from types import SimpleNamespace

_local = threading.local()


@contextmanager
def repeatable(seed: str, at: datetime | None = None) -> Iterator[None]:
    """Within it, moto draws its ids from `seed`, and its clock stands at `at` (naive UTC; None: it goes on)."""
    before = getattr(_local, "random", None), getattr(_local, "now", None)
    _local.random, _local.now = Random(seed), at  # noqa: S311 - ids, not secrets
    try:
        yield
    finally:
        _local.random, _local.now = before


def now() -> datetime:
    """Return the time as moto tells it: naive UTC."""
    return getattr(_local, "now", None) or datetime.now(UTC).replace(tzinfo=None)


def random_bytes(count: int = 32) -> bytes:
    """Bytes from the seed, for key material that has to be the same after a replay."""
    return _random().randbytes(count)


def install() -> None:
    """Put it under moto."""
    from moto.core import utils  # noqa: PLC0415 - slow to load, and only the server needs it
    from moto.kms import models as kms  # noqa: PLC0415
    from moto.moto_api._internal import mock_random  # noqa: PLC0415
    from moto.secretsmanager import models as secretsmanager  # noqa: PLC0415

    mock_random.getrandbits = lambda bits: _random().getrandbits(bits)
    mock_random.random = lambda: _random().random()
    kms.generate_master_key = random_bytes
    # The one service here that asks the system for the time of what it shows.
    secretsmanager.time = SimpleNamespace(time=lambda: now().replace(tzinfo=UTC).timestamp())
    # Every module of moto holds this very function under its own name, so its code is replaced, not the name.
    utils.utcnow.__code__ = _utcnow.__code__


def _random() -> Random:
    found: Random | None = getattr(_local, "random", None)
    return found or Random()  # noqa: S311


def _utcnow() -> datetime:
    from localcloud.aws.determinism import now  # noqa: PLC0415 - runs with another module's globals

    return now()
