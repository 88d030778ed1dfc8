"""Reads constraints from the documentation of members, where AWS's models have them only as text.

The models of EC2 and RDS have few patterns. They have sentences such as "Up to 255 characters in length" and "Allowed
characters are a-z, A-Z, 0-9, spaces, and ._-:/()#,@[]+=&;{}!$*". Each function below reads one form of sentence, and
applies to every member whose documentation has it. Other sentences are ignored.
"""

import html
import re
from dataclasses import dataclass
from functools import cache

_INLINE = re.compile(r"</?(?:code|i|b|a)\b[^>]*>")
_MARKUP = re.compile(r"<[^>]+>")
_LETTERS = "a-zA-Z0-9"


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """Constraints of a text member from its documentation. None means no constraint."""

    pattern: str | None = None
    """Regular expression that the whole value must match. It does not limit the length."""
    minimum: int | None = None
    maximum: int | None = None


@cache
def read(documentation: str) -> Sentence:
    """Return the constraints in the documentation of a member, which botocore has as HTML."""
    text = " ".join(html.unescape(_MARKUP.sub(" ", _INLINE.sub("", documentation))).split())
    for rule in (_characters, _described, _identifier, _java):
        found = rule(text)
        if found is not None:
            return found
    return Sentence()


_CHARACTERS = re.compile(
    r"(?:Allowed|Valid) characters(?: are|:) a-z, A-Z, 0-9,(?P<space> spaces,)? and (?P<marks>[^\w\s]\S*)"
)
_UP_TO = re.compile(r"Up to (\d+) characters in length")


def _characters(text: str) -> Sentence | None:
    """Read `Up to 255 characters in length. Allowed characters are a-z, A-Z, 0-9, spaces, and ._-:/()#,@[]+=`."""
    found = _CHARACTERS.search(text)
    if found is None:
        return None
    space = " " if found["space"] else ""
    pattern = f"[{_LETTERS}{space}{re.escape(found['marks'])}]*"
    if "Can't start with sg-" in text:
        pattern = f"(?!sg-){pattern}"
    limit = _UP_TO.search(text)
    return Sentence(pattern=pattern, maximum=int(limit[1]) if limit else None)


_DESCRIBED = re.compile(
    r"(?:(?P<low>\d+)-(?P<high>\d+) |up to (?P<limit>\d+) characters(?: long)?"
    r"(?: and can include |\. Valid values: |\. The following characters are accepted: ))"
    r"alphanumeric characters(?P<rest>(?:,? (?:and |or )?[a-z -]+ ?\(\S+ ?\)| and| or|,)+)"
)
_MARK = re.compile(r"\((\S| )\)|\((\S\S)\)")


def _described(text: str) -> Sentence | None:
    """Read `3-128 alphanumeric characters, parentheses (()), periods (.), or underscores(_)`."""
    found = _DESCRIBED.search(text)
    if found is None:
        return None
    marks = "".join(one or two for one, two in _MARK.findall(found["rest"]))
    fifo = r"(\.fifo)?" if "queue" in text else ""  # SQS's suffix, which not every member documents
    return Sentence(
        pattern=f"[{_LETTERS}{re.escape(marks)}]*{fifo}",
        minimum=int(found["low"]) if found["low"] else None,
        maximum=int(found["high"] or found["limit"]),
    )


_IDENTIFIER = re.compile(
    r"Must (?:contain from |be |contain )(?P<low>\d+) to (?P<high>\d+) (?P<case>lowercase )?"
    r"(?:alphanumeric characters|letters(?:, (?:numbers|digits)| or numbers)?)(?P<hyphen>,? or hyphens)?[. ]"
)
_ENGINES = re.compile("underscore|MySQL|Oracle|PostgreSQL|SQL Server")
_FIRST_LETTER = re.compile(r"[Ff]irst character must be a (?:lowercase )?letter")
_HYPHENS = re.compile(r"Can(?:'t|not) end with a hyphen or contain two consecutive hyphens")


def _identifier(text: str) -> Sentence | None:
    """Read `Must contain from 1 to 63 letters, numbers, or hyphens. First character must be a letter. Can't ...`."""
    found = _IDENTIFIER.search(text + " ")
    # If each engine has its own constraints, none of them applies to all engines.
    if found is None or len(_IDENTIFIER.findall(text + " ")) > 1 or _ENGINES.search(text):
        return None
    if "to associate with" in text:  # an existing group can be one of RDS's own, such as default.postgres18
        return None
    first = "(?=[a-zA-Z])" if _FIRST_LETTER.search(text) else ""
    hyphens = "(?!.*--)(?!.*-$)" if _HYPHENS.search(text) else ""
    letters = "a-z0-9" if found["case"] else _LETTERS
    return Sentence(
        pattern=f"{first}{hyphens}[{letters}{'-' if found['hyphen'] or hyphens else ''}]*",
        minimum=int(found["low"]),
        maximum=int(found["high"]),
    )


_JAVA = re.compile(r'\(Java regex: "\^?(.+?)\$?"\)')


def _java(text: str) -> Sentence | None:
    r"""Read `(Java regex: "^([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)$")`."""
    found = _JAVA.search(text)
    if found is None:
        return None
    return Sentence(pattern=found[1].replace("\\\\", "\\"))
