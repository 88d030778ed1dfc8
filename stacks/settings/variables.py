"""Environment variables of the bundled service: which it knows, and which values it accepts.

`service_variables.json` has them; `make docs` writes it from the service's own settings, which the program must not
import. The service would refuse a wrong value in the pods, after the deployment began.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AnyHttpUrl, Field, TypeAdapter, ValidationError

from stacks.settings.expectations import expectation, show
from stacks.settings.reserved import SET_BY
from stacks.settings.urls import SCHEMES

FILE = Path(__file__).with_name("service_variables.json")
# More than the timeout of an attempt, or the service refuses to start: two workers could run the same job.
JOB_VISIBILITY_SECONDS = 60
"""Visibility timeout of the messages of each queue."""
JOB_TIMEOUT = "JOB_TIMEOUT_SECONDS"
# Read by the image's interpreter and linker, before the service.
OF_THE_IMAGE = ("LD_LIBRARY_PATH", "LD_PRELOAD", "PATH", "PYTHONHOME", "PYTHONPATH")
# The OpenTelemetry SDK reads many variables that look alike.
OF_LIBRARIES = ("OTEL_",)
SIMILAR = 0.85
_TYPES: Mapping[str, Any] = {"boolean": bool, "integer": int, "number": float, "string": str, "uri": AnyHttpUrl}
_LIMITS = {"minimum": "ge", "maximum": "le", "exclusiveMinimum": "gt", "exclusiveMaximum": "lt", "pattern": "pattern"}


@cache
def known() -> Mapping[str, Mapping[str, Any]]:
    """Return the variables that the service reads, each with its type and limits."""
    found: dict[str, dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def variable_problems(path: str, values: Mapping[str, str]) -> Iterator[str]:
    """Find values that the service refuses, and variables of its image, each as `path: message`."""
    for name, value in values.items():
        where = f"{path}.{name}"
        if name in OF_THE_IMAGE:
            yield f"{where}: must not be set, because the image needs its own value to start the service; remove it"
        elif refused := _refused(name, value):
            yield f"{where}: {refused}, got {show(value)}"


def misspelt_problems(path: str, names: Iterable[str]) -> Iterator[str]:
    """Find names that look like a variable of the service, which it would ignore."""
    for name in names:
        if name not in known() and (meant := _meant(name)):
            yield f"{path}.{name}: unknown to the service; did you mean {meant}? Otherwise use a name that differs more"


def _refused(name: str, value: str) -> str | None:
    rule = known().get(name)
    if rule is None or name in SET_BY:
        return None
    if rule["type"] == "uri" and not value.lower().startswith(SCHEMES):
        return "must be a URL that begins with http:// or https://"
    try:
        found = _adapter(name).validate_python(value)
    except ValidationError as error:
        return expectation(error.errors()[0])
    if name == JOB_TIMEOUT and found >= JOB_VISIBILITY_SECONDS:
        return f"must be less than {JOB_VISIBILITY_SECONDS}, the seconds for which the queue hides a message"
    return None


@cache
def _adapter(name: str) -> TypeAdapter[Any]:
    rule = known()[name]
    if "enum" in rule:
        choice: Any = Literal[tuple(rule["enum"])]
        return TypeAdapter(choice)
    limits = {_LIMITS[key]: value for key, value in rule.items() if key in _LIMITS}
    limited: Any = Annotated[_TYPES[rule["type"]], Field(**limits)]
    return TypeAdapter(limited)


def _meant(name: str) -> str | None:
    """Return the known variable that a name of several words resembles, perhaps without the last words of the
    variable."""
    words = name.count("_") + 1
    if words == 1 or name.startswith(OF_LIBRARIES):
        return None
    for each in known():
        beginning = "_".join(each.split("_")[:words])
        if "_" in beginning and SequenceMatcher(None, name, beginning).ratio() >= SIMILAR:
            return each
    return None
