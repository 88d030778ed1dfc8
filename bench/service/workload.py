"""The three operations that are measured, as statements and as requests."""

import base64
import json
import random
from dataclasses import dataclass

ROWS = 10_000
"""Items in the table when a run begins."""
PAGE = 50
COLUMNS = "id, name, description, version, created_at, updated_at"
READ = f"SELECT {COLUMNS} FROM items WHERE id = %(id)s"  # noqa: S608 (a constant)
# One more than is shown tells whether there is a next page.
LIST = f"SELECT {COLUMNS} FROM items ORDER BY id LIMIT %(limit)s"  # noqa: S608
CREATE = f"INSERT INTO items (name, description) VALUES (%(name)s, %(description)s) RETURNING {COLUMNS}"  # noqa: S608
SEED = f"""
    INSERT INTO items (name, description)
    SELECT 'item ' || n, 'a description of forty characters, about' FROM generate_series(1, {ROWS}) n
"""  # noqa: S608
BODY = {"name": "measured", "description": "a description of forty characters, about"}


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One kind of request."""

    name: str
    script: str
    """The same statement for pgbench."""

    def targets(self, base: str) -> str:
        """Requests for vegeta, one JSON object a line; it begins again at the end."""
        if self.name == "create":
            body = base64.b64encode(json.dumps(BODY).encode()).decode()
            header = {"Content-Type": ["application/json"]}
            return _line(method="POST", url=f"{base}/api/v1/items", body=body, header=header)
        if self.name == "list":
            return _line(method="GET", url=f"{base}/api/v1/items?limit={PAGE}")
        numbers = random.Random(1)  # noqa: S311 (the same ids for every contender)
        ids = (numbers.randint(1, ROWS) for _ in range(2000))
        return "".join(_line(method="GET", url=f"{base}/api/v1/items/{id_}") for id_ in ids)


def _line(**target: object) -> str:
    return json.dumps(target) + "\n"


OPERATIONS = (
    Operation(name="read one", script=f"\\set id random(1, {ROWS})\n{READ.replace('%(id)s', ':id')};\n"),
    Operation(name="list", script=f"{LIST.replace('%(limit)s', str(PAGE + 1))};\n"),
    Operation(
        name="create",
        script=CREATE.replace("%(name)s", f"'{BODY['name']}'").replace("%(description)s", f"'{BODY['description']}'")
        + ";\n",
    ),
)
