"""Applies the instructions of a build stage to its files and its configuration.

An instruction is either applied as BuildKit does, or rejected with a reason. The only exception is RUN, which is
recorded but not executed; see `localcloud.images.build`.
"""

import re
from typing import Any

from localcloud.errors import CloudError
from localcloud.images import runtime
from localcloud.images.context import below, hash_of, normal
from localcloud.images.copy_step import copy_step
from localcloud.images.copying import BASE_FOLDERS, Target, make_folder
from localcloud.images.dockerfile import pairs, read_flags, split_arguments
from localcloud.images.expansion import expand, expand_words
from localcloud.images.state import Built, Surroundings, absolute
from localcloud.images.syntax import Instruction, blank_separated, json_list

_BOUND_SOURCE = re.compile(r"type=bind\S*?(?:source|src)=([^,\s]+)")


def apply(instruction: Instruction, built: Built, around: Surroundings) -> None:
    """Apply one instruction to a stage.

    Raises:
        CloudError: the instruction is malformed or not supported.
    """
    value = instruction.value
    flags = read_flags(instruction)
    note = " ".join([instruction.name, *instruction.flags, value])
    match instruction.name:
        case "ARG":
            note += f" # {_argue(value, built, around)}"
        case "ENV":
            for name, text in pairs(value, built.known, around.escape).items():
                built.known[name] = text
                built.config["Env"] = _with(built.config["Env"], name, text)
        case "WORKDIR":
            _enter(expand(value, built.known, around.escape), built)
        case "MAINTAINER":
            built.author = value
        case "COPY" | "ADD":
            note += f" # {copy_step(instruction, flags, built, around)}"
        case "RUN":
            built.runs.append(f"{value}\n{instruction.heredocs}")
            note += f"\n{instruction.heredocs}" if instruction.heredocs else ""
            for source in _BOUND_SOURCE.findall(" ".join(instruction.flags)):
                note += f" # {hash_of(below(around.context, source))}"
        case "ONBUILD":
            raise CloudError("ONBUILD is not supported by the local cloud; repeat the step in each stage that needs it")
        case _:
            built.config |= _configured(instruction, flags, built, around)
            if instruction.name == "ENTRYPOINT" and not built.has_command:
                built.config.pop("Cmd", None)  # as in Docker, a new entrypoint resets an inherited command
            built.has_command |= instruction.name == "CMD"
    built.history.append(note)


def _configured(instruction: Instruction, flags: dict[str, str], built: Built, around: Surroundings) -> dict[str, Any]:
    """Return the configuration fields of an instruction that only sets such fields."""
    value, config = instruction.value, built.config
    shell = config.get("Shell", runtime.DEFAULT_SHELL)
    fields: dict[str, Any]
    match instruction.name:
        case "LABEL":
            fields = {"Labels": {**config.get("Labels", {}), **pairs(value, built.known, around.escape)}}
        case "USER":
            fields = {"User": expand(value, built.known, around.escape)}
        case "EXPOSE":
            words = [one for word in blank_separated(value) for one in expand_words(word, built.known, around.escape)]
            fields = {"ExposedPorts": {**config.get("ExposedPorts", {}), **runtime.ports(words)}}
        case "VOLUME":
            fields = {"Volumes": {**config.get("Volumes", {}), **{path: {} for path in _volumes(value, built, around)}}}
        case "STOPSIGNAL":
            fields = {"StopSignal": runtime.stop_signal(expand(value, built.known, around.escape))}
        case "SHELL":
            fields = {"Shell": json_list(value)}
        case "HEALTHCHECK":
            fields = {"Healthcheck": runtime.healthcheck(value, flags)}
        case "ENTRYPOINT":
            fields = {"Entrypoint": runtime.command(value, shell)}
        case "CMD":
            fields = {"Cmd": runtime.command(value, shell)}
        case _:
            raise CloudError(f"{instruction.name} is not supported by the local cloud")
    return fields


def _volumes(value: str, built: Built, around: Surroundings) -> list[str]:
    listed = json_list(value)
    written = blank_separated(value) if listed is None else [path.strip() for path in listed]
    paths = [expand(path, built.known, around.escape) for path in written]
    if not paths or "" in paths:
        raise CloudError("a VOLUME needs a path")
    return paths


def _argue(value: str, built: Built, around: Surroundings) -> list[tuple[str, str]]:
    result: dict[str, str] = {}
    for name, default in split_arguments(value, around.escape):
        if name in around.build_args:
            result[name] = around.build_args[name]
        elif default is not None:
            result[name] = expand(default, built.known, around.escape)
        elif name in around.arguments:
            result[name] = around.arguments[name]
        built.known |= result
    return sorted(result.items())


def _with(env: list[str], name: str, text: str) -> list[str]:
    """Return the environment with one variable set; an existing variable keeps its position."""
    values = dict(item.split("=", 1) for item in env) | {name: text}
    return [f"{key}={value}" for key, value in values.items()]


def _enter(path: str, built: Built) -> None:
    folder = absolute(path, built).rstrip("/") or "/"
    if normal(folder) not in built.files and not (normal(folder) in BASE_FOLDERS and not built.scratch):
        user = built.config.get("User", "")
        uid, gid = runtime.owner(user, f"USER {user} before WORKDIR {path}") if user else (0, 0)
        make_folder(built.files, Target(path=folder, uid=uid, gid=gid))
    built.config["WorkingDir"] = folder
