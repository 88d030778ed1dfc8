"""Domain names in settings."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from stacks.settings.hosts import LOCALHOST

# Host names: https://www.rfc-editor.org/rfc/rfc1123#section-2.1. ACM's limit of 64 characters for the first name of a
# certificate: https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html
MAX_LENGTH = 64
_LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
PATTERN = rf"^({_LABEL}\.)+{_LABEL}$"


def domain_name(name: str) -> str:
    """Check a domain name, as in Route 53 and certificates. Raises ValueError."""
    if _is_domain(name):
        return name
    plain = re.sub(r"^[a-z]+://", "", name.lower()).partition("/")[0].partition(":")[0].removesuffix(".")
    hint = f"write {plain}" if _is_domain(plain) else "such as api.example.com"
    raise ValueError(
        f"a host name with at least one dot, in lower case, of at most {MAX_LENGTH} characters, without a scheme, a "
        f"port, a path and a dot at its end: {hint}"
    )


def _is_domain(name: str) -> bool:
    return len(name) <= MAX_LENGTH and re.fullmatch(PATTERN.strip("^$"), name) is not None


def parent(domain: str) -> str:
    """Return the domain above another one, such as `example.com` for `api.example.com`."""
    return domain.partition(".")[2]


def can_be_zone(domain: str) -> bool:
    """Return whether a stack can have its records in a zone of this name: not in a top-level domain.

    `localhost` is an exception, because it never leaves the machine: https://www.rfc-editor.org/rfc/rfc6761#section-6.3
    """
    return "." in domain or domain == LOCALHOST


Domain = Annotated[
    str, AfterValidator(domain_name), Field(json_schema_extra={"pattern": PATTERN, "maxLength": MAX_LENGTH})
]
