"""The regions of AWS."""

import json
from difflib import get_close_matches
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

PARTITION = "aws"
# The pseudo region of services such as IAM, which the file lists too.
GLOBAL = "aws-global"
PATTERN = r"^(af|ap|ca|eu|il|me|mx|sa|us)-[a-z]+-[0-9]$"


@cache
def regions() -> tuple[str, ...]:
    """Return the regions that the installed AWS SDK knows, from `botocore/data/partitions.json`.

    Only this file is read: importing botocore and its endpoints would delay each command.
    """
    spec = find_spec("botocore")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("botocore is not installed; run: make setup")
    data = json.loads((Path(spec.origin).parent / "data" / "partitions.json").read_text())
    (partition,) = (each for each in data["partitions"] if each["id"] == PARTITION)
    return tuple(sorted(each for each in partition["regions"] if each != GLOBAL))


def _existing(name: str) -> str:
    known = regions()
    if name in known:
        return name
    matches = get_close_matches(name.lower(), known, n=1)
    raise ValueError(f"a region of AWS{f' (did you mean {matches[0]}?)' if matches else ': ' + ', '.join(known)}")


# The pattern is for editors; the list of regions decides.
Region = Annotated[str, AfterValidator(_existing), Field(json_schema_extra={"pattern": PATTERN})]
