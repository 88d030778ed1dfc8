"""What a stage of a build has become so far, and what it can refer to."""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from localcloud.images.context import Tree, normal

# What BuildKit sets where a base has none, and what the bases that people use set, for a Dockerfile that extends it.
BASE_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass
class Built:
    """A stage as far as it has been worked through."""

    files: Tree = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=lambda: {"Env": [f"PATH={BASE_PATH}"]})
    author: str = ""
    history: list[str] = field(default_factory=list)
    known: dict[str, str] = field(default_factory=dict)
    """What variables are replaced by: ARG and ENV so far, the later one counts."""
    scratch: bool = True
    """Whether it has no base image, whose files would not be here."""
    runs: list[str] = field(default_factory=list)
    """The RUN steps, which were not executed."""
    has_command: bool = False
    """Whether this very stage has set CMD."""

    def child(self) -> "Built":
        """Return a stage that goes on from here."""
        result = copy.copy(self)
        result.files, result.config = dict(self.files), copy.deepcopy(self.config)
        result.history, result.runs, result.known = list(self.history), list(self.runs), dict(self.known)
        result.has_command = False
        result.known |= dict(item.split("=", 1) for item in self.config["Env"])
        return result


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What a stage can refer to."""

    context: Tree
    stage: Callable[[str], Built | None]
    """An earlier stage by its name or number; None where there is none."""
    arguments: Mapping[str, str]
    build_args: Mapping[str, str]
    escape: str


def absolute(path: str, built: Built) -> str:
    """Return a path from the working directory, with the slash or `/.` that makes it a folder."""
    tail = "/" if path in {"", "."} or path.endswith(("/", "/.")) else ""
    return "/" + normal(path if path.startswith("/") else f"{built.config.get('WorkingDir', '/')}/{path}") + tail
