"""Base class of all settings."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from ipaddress import IPv4Network
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WrapValidator, model_validator
from pydantic.alias_generators import to_camel


class SettingsModel(BaseModel):
    """Settings as written by the user: camelCase, no unknown keys, no conversion."""

    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True
    )

    def problems(self) -> Iterator[str]:
        """Yield conflicts between settings that are valid one by one, each as `path: message`."""
        yield from ()

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if problems := list(self.problems()):
            raise ValueError("\n".join(problems))
        return self


def printable(text: str) -> str:
    """Return the text, or its JSON form if it is empty or has line breaks or invisible characters."""
    return text if text.isprintable() and text else json.dumps(text)


def repeated(path: str, what: str, values: Sequence[object]) -> Iterator[str]:
    """Yield the error of a list with duplicates; case-insensitive, as IAM and AWS regions are."""
    if len({str(value).casefold() for value in values}) != len(values):
        yield f"{path}: must name each {what} once, got {', '.join(map(str, values))}"


# Python also accepts `10.0.0.0/255.255.0.0` and the number 167772160, which AWS does not.
CIDR = re.compile(r"\d+\.\d+\.\d+\.\d+/\d{1,2}", re.ASCII)


def _cidr(example: str, kind: str = "") -> Callable[[object, Callable[[object], IPv4Network]], IPv4Network]:
    """Return a validator of blocks, whose message has an example."""

    def check(value: object, validate: Callable[[object], IPv4Network]) -> IPv4Network:
        try:
            if not (isinstance(value, str) and CIDR.fullmatch(value)):
                raise ValueError
            return validate(value)
        except ValueError:
            raise ValueError(f"a block of {kind}IPv4 addresses, with no host bits set, such as {example}") from None

    return check


Cidr = Annotated[IPv4Network, WrapValidator(_cidr("10.0.0.0/16"))]
# Public addresses for documentation are refused as values, so the example names none.
PublicCidr = Annotated[IPv4Network, WrapValidator(_cidr("YOUR_ADDRESS/32", "public "))]

RETENTION_DAYS = (1, 3, 7, 14, 30, 60, 90, 180, 365, 731, 1827)  # a subset of the values in CloudWatch


def _retention(days: int) -> int:
    if days not in RETENTION_DAYS:
        raise ValueError(f"one of {', '.join(map(str, RETENTION_DAYS))} days")
    return days


RetentionDays = Annotated[int, AfterValidator(_retention), Field(json_schema_extra={"enum": list(RETENTION_DAYS)})]
