"""The namespace of Drydock's keys in a configuration."""

from difflib import SequenceMatcher

NAMESPACE = "drydock"
"""Also the name of the project, which the engine adds to keys without a namespace."""
BOOTSTRAP = f"{NAMESPACE}-bootstrap"
"""The same of the program of the account."""
SIMILAR = 0.8


def misspells(namespace: str, meant: str = NAMESPACE) -> bool:
    """Return whether a namespace looks like another one, as `drydok` does; those of providers do not."""
    return namespace != meant and SequenceMatcher(None, namespace.lower(), meant).ratio() >= SIMILAR
