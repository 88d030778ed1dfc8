"""The intermediate state of a build stage, and the objects that its instructions can refer to."""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from localcloud.images.context import Tree, normal

# The PATH that BuildKit sets if the base image has none, and that common base images set.
BASE_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass
class Built:
    """A build stage after the instructions that have been applied so far."""

    files: Tree = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=lambda: {"Env": [f"PATH={BASE_PATH}"]})
    author: str = ""
    history: list[str] = field(default_factory=list)
    known: dict[str, str] = field(default_factory=dict)
    """Values for the expansion of variables: the ARG and ENV values so far; later ones override earlier ones."""
    scratch: bool = True
    """Whether the stage has no base image; the files of a base image would be missing."""
    runs: list[str] = field(default_factory=list)
    """The RUN instructions, which are not executed."""
    has_command: bool = False
    """Whether CMD was set in this stage, rather than inherited."""

    def child(self) -> "Built":
        """Return a copy that a stage based on this one starts with."""
        result = copy.copy(self)
        result.files, result.config = dict(self.files), copy.deepcopy(self.config)
        result.history, result.runs, result.known = list(self.history), list(self.runs), dict(self.known)
        result.has_command = False
        result.known |= dict(item.split("=", 1) for item in self.config["Env"])
        return result


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What the instructions of a stage can refer to: the build context, earlier stages and arguments."""

    context: Tree
    stage: Callable[[str], Built | None]
    """Returns an earlier stage by name or number, or None if it does not exist."""
    arguments: Mapping[str, str]
    build_args: Mapping[str, str]
    escape: str


def absolute(path: str, built: Built) -> str:
    """Return the absolute path for a path in the working directory, with a trailing slash if it denotes a folder."""
    tail = "/" if path in {"", "."} or path.endswith(("/", "/.")) else ""
    return "/" + normal(path if path.startswith("/") else f"{built.config.get('WorkingDir', '/')}/{path}") + tail
