"""The OpenAPI document for the page: operations by tag, with examples and a command to try each."""

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from app.web.schemas import Field, dereferenced, example, fields, kind

METHODS = ("get", "post", "put", "patch", "delete")
Document = Mapping[str, Any]


class Parameter(NamedTuple):
    """Something in the path, the query or a header."""

    name: str
    place: str
    kind: str
    required: bool
    description: str


class Answer(NamedTuple):
    """One response; `example` is "" if there is no body to show."""

    status: str
    description: str
    media_type: str
    example: str


class Operation(NamedTuple):
    """One method of one path."""

    anchor: str
    method: str
    path: str
    summary: str
    description: str
    scope: str | None
    """What the token must allow; "" for any valid token, None for no token."""
    parameters: list[Parameter]
    body_type: str
    body: list[Field]
    body_example: str
    answers: list[Answer]
    target: str
    """Path and query, filled with examples."""

    def curl(self, base_url: str) -> str:
        """Return a command that can be pasted into a shell as it is."""
        parts = ["curl", "-i"]
        if self.method != "GET":
            parts += ["-X", self.method]
        line = shlex.join([*parts, base_url + self.target])
        if self.scope is not None:
            line += ' -H "Authorization: Bearer $TOKEN"'
        if self.body_example:
            compact = json.dumps(json.loads(self.body_example))
            line += " " + shlex.join(["-H", f"Content-Type: {self.body_type}", "-d", compact])
        return line


class Group(NamedTuple):
    """The operations of one tag."""

    name: str
    operations: list[Operation]


def reference(document: Document, hidden: tuple[str, ...] = ()) -> list[Group]:
    """Return the operations in groups; `hidden` are starts of paths to leave out."""
    groups: dict[str, list[Operation]] = {}
    for path, methods in document["paths"].items():
        if path.startswith(hidden):
            continue
        for method in METHODS:
            if method in methods:
                operation = methods[method]
                tag = operation.get("tags", ["other"])[0]
                groups.setdefault(tag, []).append(_operation(document, path, method, operation))
    return [Group(name, operations) for name, operations in groups.items()]


def _operation(document: Document, path: str, method: str, operation: Mapping[str, Any]) -> Operation:
    given = [dereferenced(document, parameter) for parameter in operation.get("parameters", ())]
    media_type, schema, body = _content(document, operation.get("requestBody", {}))
    return Operation(
        anchor=operation.get("operationId", f"{method}-{path}"),
        method=method.upper(),
        path=path,
        summary=operation.get("summary", ""),
        description=operation.get("description", ""),
        scope=_scope(operation),
        parameters=[_parameter(document, parameter) for parameter in given],
        body_type=media_type,
        body=fields(document, schema),
        body_example=_pretty(body) if body is not None else "",
        answers=list(_answers(document, operation["responses"])),
        target=_target(document, path, given),
    )


def _scope(operation: Mapping[str, Any]) -> str | None:
    needed = [scopes for requirement in operation.get("security", ()) for scopes in requirement.values()]
    return " ".join(needed[0]) if needed else None


def _parameter(document: Document, parameter: Mapping[str, Any]) -> Parameter:
    schema = parameter.get("schema", {})
    return Parameter(
        name=parameter["name"],
        place=parameter["in"],
        # Outside of a body null means only that it may be left out.
        kind=kind(document, schema).removesuffix(" or null"),
        required=parameter.get("required", False),
        description=parameter.get("description") or schema.get("description", ""),
    )


def _answers(document: Document, responses: Mapping[str, Any]) -> Iterator[Answer]:
    for status, response in sorted(responses.items()):
        media_type, _, body = _content(document, response)
        shown = _pretty(body) if media_type.endswith("json") and body is not None else ""
        yield Answer(status, response.get("description", ""), media_type, shown)


def _content(document: Document, part: Mapping[str, Any]) -> tuple[str, Mapping[str, Any], Any]:
    """Return the media type, the schema and an example of a body; "", {} and None if there is none."""
    for media_type, content in part.get("content", {}).items():
        schema = content.get("schema", {})
        made_up = example(document, schema) if schema else None
        return media_type, schema, content.get("example", made_up)
    return "", {}, None


def _target(document: Document, path: str, parameters: Sequence[Mapping[str, Any]]) -> str:
    query = {}
    for parameter in parameters:
        value = parameter.get("example", example(document, parameter.get("schema", {})))
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", quote(str(value), safe=""))
        elif parameter["in"] == "query" and parameter.get("required"):
            query[parameter["name"]] = value
    return path + (f"?{urlencode(query)}" if query else "")


def _pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
