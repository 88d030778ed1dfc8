"""The tags that every AWS service in use accepts.

The lengths, characters and prefixes are those of the strictest service:
https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html (characters, keys without regard to case),
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_Tag.html (`rds:`),
https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html (`aws:` in values).
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping

from stacks.settings.model import printable

MAX_KEY_LENGTH = 128
MAX_VALUE_LENGTH = 256
MAX_TAGS = 50
# What Drydock itself puts on a resource: those of every one, and at most Name and one more, by which EKS finds subnets.
OWN_TAGS = ("Project", "Environment", "ManagedBy", "Name")
MAX_OWN_TAGS = 5
RESERVED_PREFIXES = ("aws:", "rds:")
# A NodeClass takes none of these: https://docs.aws.amazon.com/eks/latest/userguide/create-node-class.html
NODE_PREFIXES = ("kubernetes.io/cluster", "karpenter.sh/", "eks.amazonaws.com/", "eks:")
SYMBOLS = "_.:/=+-@"
# The engine's own text for a date that was written without quotes, such as `2026-01-31`.
DATE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? [+-]\d{4} \S+")


def tag_key(key: str) -> str:
    """Check the key of a tag. Raises ValueError."""
    if not 1 <= len(key) <= MAX_KEY_LENGTH:
        raise ValueError(f"a key of 1 to {MAX_KEY_LENGTH} characters, the limit of AWS")
    for prefix in NODE_PREFIXES:
        if key.startswith(prefix):
            raise ValueError(f"a key that does not begin with {prefix}, by which EKS marks its nodes")
    return _tag_text(key)


def tag_value(value: str) -> str:
    """Check the value of a tag; it may be empty. Raises ValueError."""
    if len(value) > MAX_VALUE_LENGTH:
        raise ValueError(f"a value of at most {MAX_VALUE_LENGTH} characters, the limit of AWS")
    if DATE.fullmatch(value):
        raise ValueError("text; write a date in quotes")
    return _tag_text(value)


def _tag_text(text: str) -> str:
    for prefix in RESERVED_PREFIXES:
        if text.lower().startswith(prefix):
            raise ValueError(f"text that does not begin with {prefix}, which AWS reserves in upper and lower case")
    wrong = sorted({character for character in text if not _allowed(character)})
    if wrong:
        shown = " ".join(character if character.isprintable() else f"U+{ord(character):04X}" for character in wrong)
        raise ValueError(
            f"letters, digits, spaces and {' '.join(SYMBOLS)}, the characters that AWS accepts (not {shown})"
        )
    return text


def _allowed(character: str) -> bool:
    r"""Return whether it is in `[\p{L}\p{Z}\p{N}_.:/=+\-@]`, the pattern of IAM, RDS and CloudWatch Logs."""
    return unicodedata.category(character)[0] in "LZN" or character in SYMBOLS


def tag_problems(tags: Mapping[str, str]) -> Iterator[str]:
    """Find conflicts between tags that are valid one by one, each as `tags.key: message`."""
    own = {name.casefold(): name for name in OWN_TAGS}
    seen: dict[str, str] = {}
    for key in tags:
        folded = key.casefold()
        shown = printable(key)
        if folded in own:
            yield f"tags.{shown}: must not be set, Drydock sets {own[folded]} itself, got {json.dumps(tags[key])}"
        elif folded in seen:
            other = printable(seen[folded])
            yield f"tags.{shown}: must differ from tags.{other} in more than upper and lower case, or IAM refuses it"
        seen.setdefault(folded, key)
    most = MAX_TAGS - MAX_OWN_TAGS
    if len(tags) > most:
        yield (
            f"tags: must have {most} entries or fewer, since AWS takes {MAX_TAGS} a resource "
            f"and {MAX_OWN_TAGS} are Drydock's, got {len(tags)}"
        )
