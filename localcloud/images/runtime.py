"""Converts instructions that define how an image is run to fields of the image configuration.

Sources: https://docs.docker.com/reference/dockerfile/, and https://github.com/moby/docker-image-spec for the fields.
"""

import re
import signal
from collections.abc import Mapping
from typing import Any

from localcloud.errors import CloudError
from localcloud.images.syntax import json_list

DEFAULT_SHELL = ["/bin/sh", "-c"]

_PORT = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?(?:/(\w+))?\Z")
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+\Z|0\Z")
_NANOSECONDS = {"ns": 1, "us": 10**3, "µs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}
_REAL_TIME = re.compile(r"RTM(IN(\+\d+)?|AX(-\d+)?)\Z")


def command(value: str, shell: list[str]) -> list[str]:
    """Return the argument vector of CMD or ENTRYPOINT: a JSON list unchanged, other text run by the shell."""
    listed = json_list(value)
    if listed is not None:
        return listed
    return [*shell, value] if value else list(shell)


def ports(words: list[str]) -> dict[str, Any]:
    """Return the ports of EXPOSE in the form `number/protocol`; a range is expanded to its ports.

    Raises:
        CloudError: a word is not a port.
    """
    result: dict[str, Any] = {}
    for word in words:
        found = _PORT.match(word)
        first = int(found[1]) if found else 0
        last = int(found[2] or found[1]) if found else -1
        protocol = ((found[3] if found else "") or "tcp").lower()
        if not first <= last <= 65535 or protocol not in {"tcp", "udp", "sctp"}:
            raise CloudError(f"{word!r} is not a port; accepted are 80, 80/udp and 80-82, with tcp, udp or sctp")
        result |= {f"{number}/{protocol}": {} for number in range(first, last + 1)}
    return result


def healthcheck(value: str, flags: Mapping[str, str]) -> dict[str, Any]:
    """Return the field Healthcheck, with durations in nanoseconds.

    Raises:
        CloudError: the value is neither NONE nor CMD, or the value of a flag is invalid.
    """
    kind, *rest = value.split(maxsplit=1)
    if kind.upper() == "NONE" and not rest and not flags:
        return {"Test": ["NONE"]}
    if kind.upper() != "CMD" or not rest:
        raise CloudError("expected HEALTHCHECK NONE, or HEALTHCHECK [flags] CMD command")
    listed = json_list(rest[0])
    if listed == []:
        raise CloudError("the command after HEALTHCHECK CMD is missing")
    result: dict[str, Any] = {"Test": ["CMD-SHELL", rest[0]] if listed is None else ["CMD", *listed]}
    fields = {
        "interval": "Interval",
        "timeout": "Timeout",
        "start-period": "StartPeriod",
        "start-interval": "StartInterval",
    }
    for flag, name in fields.items():
        if flag in flags and (duration := _duration(flag, flags[flag])):
            result[name] = duration
    if "retries" in flags:
        if not (flags["retries"].isascii() and flags["retries"].isdigit()) or int(flags["retries"]) >= 2**31:
            raise CloudError(f"--retries={flags['retries']} is not a number; accepted is a whole number, such as 3")
        if int(flags["retries"]):
            result["Retries"] = int(flags["retries"])
    return result


def stop_signal(name: str) -> str:
    """Return the field StopSignal, unchanged.

    Raises:
        CloudError: the signal does not exist.
    """
    if name.isascii() and name.isdigit():
        known = 0 < int(name) < 65
    else:
        short = name.upper().removeprefix("SIG")
        known = f"SIG{short}" in signal.Signals.__members__ or bool(_REAL_TIME.match(short))
    if not known:
        raise CloudError(f"there is no signal {name!r}; accepted are names such as SIGTERM, and numbers")
    return name


def owner(value: str, what: str) -> tuple[int, int]:
    """Return the user id and group id of `--chown` or USER; the group id defaults to the user id.

    Raises:
        CloudError: the value contains names, which cannot be resolved without /etc/passwd of the base image.
    """
    found = re.fullmatch(r"(\d{1,9})(?::(\d{1,9}))?", value, re.ASCII)
    if not found:
        raise CloudError(
            f"{what}: owner {value!r} is not supported by the local cloud, which has no /etc/passwd to look it up in; "
            "give numbers, such as 10001:10001"
        )
    return int(found[1]), int(found[2] or found[1])


def mode(value: str) -> int:
    """Return the permission bits of `--chmod`.

    Raises:
        CloudError: the value is not an octal number.
    """
    if not re.fullmatch("[0-7]{1,5}", value) or int(value, 8) > 0o7777:
        raise CloudError(
            f"--chmod={value} is not supported by the local cloud; accepted is an octal number up to 7777, such as 755"
        )
    return int(value, 8)


def _duration(flag: str, value: str) -> int:
    if not _DURATION.match(value):
        raise CloudError(f"--{flag}={value} is not a duration; accepted are 30s, 1m30s, 500ms")
    found = re.findall(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)", value)
    result = round(sum(float(number) * _NANOSECONDS[unit] for number, unit in found))
    if 0 < result < _NANOSECONDS["ms"]:
        raise CloudError(f"--{flag}={value} is less than 1ms")
    return result
