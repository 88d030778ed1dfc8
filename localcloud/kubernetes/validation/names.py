"""Names and other texts of Kubernetes: each check returns "" if a text is valid, else what is accepted.

The patterns and messages are those of
https://github.com/kubernetes/kubernetes/blob/v1.35.4/staging/src/k8s.io/apimachinery/pkg/util/validation/validation.go.
"""

import re
from functools import partial
from typing import Any

LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
SUBDOMAIN = rf"{LABEL}(\.{LABEL})*"
NAME = r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
QUALIFIED = (
    "a qualified name must consist of alphanumeric characters, '-', '_' or '.', with an optional DNS subdomain prefix "
    "and '/'"
)


def text(pattern: str, longest: int, message: str, value: Any) -> str:
    """Check that a text is not too long and matches a pattern as a whole."""
    if not isinstance(value, str):
        return ""  # its type is another problem
    if len(value) > longest:
        return f"must be no more than {longest} characters"
    return "" if re.fullmatch(pattern, value) else f"{message} (regex used for validation is '{pattern}')"


dns_label = partial(
    text,
    LABEL,
    63,
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with "
    "an alphanumeric character",
)
dns_1035_label = partial(
    text,
    r"[a-z]([-a-z0-9]*[a-z0-9])?",
    63,
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, "
    "and end with an alphanumeric character",
)
dns_subdomain = partial(
    text,
    SUBDOMAIN,
    253,
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
    "end with an alphanumeric character",
)
label_value = partial(
    text,
    rf"({NAME})?",
    63,
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
    "end with an alphanumeric character",
)
config_key = partial(
    text,
    r"(?!\.$|\.\.)[-._a-zA-Z0-9]+",
    253,
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
)
environment_name = partial(
    text,
    r"[ -<>-~]+",
    2**31,
    "a valid environment variable name must consist only of printable ASCII characters other than '='",
)
header_name = partial(
    text, r"[-A-Za-z0-9]+", 2**31, "a valid HTTP header must consist of alphanumeric characters or '-'"
)
path_segment = partial(text, r"(?!\.{1,2}$)[^/%]+", 2**31, "may not be '.' or '..', and may not contain '/' or '%'")
absolute_path = partial(text, r"/.*", 2**31, "must be an absolute path")
descending_path = partial(
    text, r"(?!/)(?!(.*/)?\.\.(/.*)?$).*", 2**31, "must be a relative path, and must not contain '..'"
)
path_without_backsteps = partial(text, r"(?!(.*/)?\.\.(/.*)?$).*", 2**31, "must not contain '..'")
percent = partial(text, r"[0-9]+%", 2**31, "a valid percent string must be a numeric string followed by an ending '%'")
wildcard_host = partial(text, rf"(\*\.)?{SUBDOMAIN}", 253, "must be a DNS name, which may start with '*.'")


def qualified_name(value: Any) -> str:
    """Check a name such as a label's, with an optional DNS subdomain in front of a slash."""
    prefix, slash, name = str(value).rpartition("/")
    if slash and (not prefix or "/" in prefix):
        return QUALIFIED
    if slash and (message := dns_subdomain(prefix)):
        return f"prefix part {message}"
    message = text(
        NAME,
        63,
        "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
        "alphanumeric character",
        name,
    )
    return message if name else "name part must be non-empty"


def annotation_name(value: Any) -> str:
    """Check the name of an annotation, whose prefix may have upper case."""
    return qualified_name(str(value).lower())


def csi_driver(value: Any) -> str:
    """Check the name of a CSI driver: ValidateCSIDriverName."""
    return "must be no more than 63 characters" if len(value) > 63 else dns_subdomain(value.lower())


def generated_name(value: Any) -> str:
    """Check a name that may be the start of a generated one: NameIsDNSSubdomain with a prefix."""
    return dns_subdomain(f"{value[:-2]}a" if len(value) > 1 and value.endswith("-") else value)


def external_name(value: Any) -> str:
    """Check a DNS name, which may end with a dot."""
    return dns_subdomain(value.removesuffix("."))
