"""Makes the responses of moto reproducible. Each request seeds moto's random source and sets its clock.

Both are per thread, so that reads on other threads do not change the ids that a change draws.
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
    """Context in which moto draws its ids from a seed and its clock has a fixed time.

    Args:
        seed: seed of the random source.
        at: time of the clock, naive UTC. None keeps the current time.
    """
    before = getattr(_local, "random", None), getattr(_local, "now", None)
    _local.random, _local.now = Random(seed), at  # noqa: S311 - ids, not secrets
    try:
        yield
    finally:
        _local.random, _local.now = before


def now() -> datetime:
    """Return the time of moto's clock, in naive UTC."""
    return getattr(_local, "now", None) or datetime.now(UTC).replace(tzinfo=None)


def random_bytes(count: int = 32) -> bytes:
    """Return random bytes from the seed, for key material that must be the same after a replay."""
    return _random().randbytes(count)


def install() -> None:
    """Replace the random source and the clock of moto."""
    from moto.core import utils  # noqa: PLC0415 - slow to load, and only the server needs it
    from moto.kms import models as kms  # noqa: PLC0415
    from moto.moto_api._internal import mock_random  # noqa: PLC0415
    from moto.secretsmanager import models as secretsmanager  # noqa: PLC0415

    mock_random.getrandbits = lambda bits: _random().getrandbits(bits)
    mock_random.random = lambda: _random().random()
    kms.generate_master_key = random_bytes
    # The only service used here that reads the system's clock for its responses.
    secretsmanager.time = SimpleNamespace(time=lambda: now().replace(tzinfo=UTC).timestamp())
    # Every module of moto imports this function by name, so replace its code instead of the name.
    utils.utcnow.__code__ = _utcnow.__code__


def _random() -> Random:
    found: Random | None = getattr(_local, "random", None)
    return found or Random()  # noqa: S311


def _utcnow() -> datetime:
    from localcloud.aws.determinism import now  # noqa: PLC0415 - runs with another module's globals

    return now()
