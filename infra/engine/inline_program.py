"""The Pulumi program as a function that the Automation API runs in this process."""

import os
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from importlib import import_module

from pulumi import automation, log

ENVIRONMENTS = "infra.program"
"""The module whose function `program` builds an environment."""


@cache
def load(module: str = ENVIRONMENTS) -> Future[automation.PulumiFn]:
    """Import the program in the background. That takes as long as an engine or a local cloud needs to start."""

    def program() -> automation.PulumiFn:
        found: automation.PulumiFn = import_module(module).program
        return found

    return ThreadPoolExecutor(1, thread_name_prefix="program").submit(program)


def inline(module: str = ENVIRONMENTS) -> automation.PulumiFn:
    """Return a function that runs the program, and start to load it."""
    # Pulumi's SDK reads these as the configuration of the program. The engine sets them for a program that it starts;
    # this one runs in this process, where they can only belong to another.
    for name in ("PULUMI_CONFIG", "PULUMI_CONFIG_SECRET_KEYS"):
        os.environ.pop(name, None)
    loading = load(module)

    def run() -> None:
        without_debug_messages(loading.result())

    return run


def without_debug_messages(program: automation.PulumiFn) -> None:
    """Run a program without the debug messages of the SDK.

    The SDK sends several messages for each resource, each by a call of its own, and waits for the answer. The engine
    drops them all unless it runs with --debug.
    """
    log.debug = lambda *_message, **_options: None
    program()
