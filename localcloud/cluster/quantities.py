"""Converts Kubernetes quantities such as 250m and 1Gi to numbers."""

from decimal import Decimal
from math import ceil

_SUFFIXES = {
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    "k": Decimal(10) ** 3,
    **{letter: Decimal(10) ** (3 * power) for power, letter in enumerate("MGTPE", start=2)},
    **{f"{letter}i": Decimal(1024) ** power for power, letter in enumerate("KMGTPE", start=1)},
}


def parse(quantity: str | int) -> Decimal:
    """Return the value in the base unit: cores for CPU, bytes for memory."""
    text = str(quantity)
    for length in (2, 1):
        factor = _SUFFIXES.get(text[-length:])
        if factor is not None:
            return Decimal(text[:-length]) * factor
    return Decimal(text)


def divide(quantity: str | int, divisor: str | int) -> str:
    """Return the value of a `resourceFieldRef`: the quotient rounded up, where a divisor of 0 means 1."""
    return str(ceil(parse(quantity) / (parse(divisor) or 1)))
