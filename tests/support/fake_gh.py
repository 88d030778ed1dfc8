"""The part of the command `gh` that the workflows use, on a description of a repository.

The description has `pulls`, `runs` by the file of their workflow (newest first), `artifacts` by run (name to text, or
None for a link), and `comments`, which `gh api --method POST|PATCH` changes.
"""

import json
import re
from pathlib import Path
from typing import Any

REPOSITORY = "octo-org/octo-repo"


def answer(world: dict[str, Any], path: str, fields: dict[str, str]) -> Any:
    """Return the response of the API to a GET request."""
    if path == "pulls":
        open_ = [each for each in world["pulls"] if each["state"] == fields["state"]]
        return [
            each
            for each in open_
            if f"{each['head']['repo']['owner']['login']}:{each['head']['ref']}" == fields["head"]
        ]
    if found := re.fullmatch(r"actions/workflows/([\w-]+\.yml)/runs", path):
        runs = world["runs"].get(found[1], [])
        assert fields["event"] == "pull_request"
        return {"workflow_runs": [each for each in runs if each["head_sha"] == fields["head_sha"]]}
    if found := re.fullmatch(r"actions/runs/(\d+)/artifacts", path):
        return {"artifacts": [{"name": name, "expired": False} for name in world["artifacts"].get(found[1], {})]}
    if re.fullmatch(r"issues/7/comments", path):
        return [world["comments"][:1], world["comments"][1:]]  # two pages
    raise AssertionError(f"unexpected path {path}")


def write(world: dict[str, Any], method: str, path: str, body: str) -> None:
    """Apply a POST or PATCH request."""
    if method == "POST":
        assert path == "issues/7/comments", path
        number = len(world["comments"]) + 100
        world["comments"].append({"id": number, "user": {"login": "github-actions[bot]"}, "body": body})
        return
    (comment,) = [each for each in world["comments"] if path == f"issues/comments/{each['id']}"]
    comment["body"] = body


def call(world: dict[str, Any], *given: str) -> str:
    """Run one command, and return its output."""
    option = {name: given[index + 1] for index, name in enumerate(given[:-1]) if name.startswith("--")}
    if given[:2] == ("run", "download"):
        assert option["--repo"] == REPOSITORY
        _download(world["artifacts"][given[2]][option["--name"]], Path(option["--dir"]))
        return ""
    (path,) = [each.removeprefix(f"repos/{REPOSITORY}/") for each in given if each.startswith("repos/")]
    method = option.get("--method", "GET")
    if method == "GET":
        fields = dict(each.split("=", 1) for index, each in enumerate(given) if given[index - 1] == "-f")
        return json.dumps(answer(world, path, fields))
    write(world, method, path, json.loads(Path(option["--input"]).read_text())["body"])
    return ""


def _download(text: str | None, folder: Path) -> None:
    folder.mkdir(parents=True)
    if text is None:
        (folder / "comment.md").symlink_to("/etc/hostname")
    else:
        (folder / "comment.md").write_text(text)
