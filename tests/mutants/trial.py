"""Run the tests on a mutant, in a fork of this process that loads the mutant instead of the module.

No file is changed or copied, so trials can run concurrently; shared modules are imported once, before the fork.
"""

import ast
import faulthandler
import os
import re
import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType

import pytest

ROOT = Path(__file__).parents[2]
GOLDEN = "tests/stacks/test_build.py::test_urns_equal_the_committed_list"
"""Golden files, which are left out, because one command rewrites them."""
FORK_ONLY = "tests/components/test_lean_sdk.py"
"""Left out, because it measures imports in processes of its own, which do not load the mutant."""

UNUSED = ("cacheprovider", "schemathesis", "unraisableexception", "threadexception")
"""Plugins that take a second of each trial and find no mutant."""
NAME = re.compile(r'^    name="([\w-]+)",$', re.MULTILINE)
"""The name in the source of a policy rule."""
POLICIES = "tests/infra/policy"


class _Loader(SourceFileLoader):
    def __init__(self, name: str, path: str, tree: ast.Module) -> None:
        super().__init__(name, path)
        self.tree = tree

    def get_code(self, fullname: str) -> CodeType:
        return compile(ast.fix_missing_locations(self.tree), self.path, "exec")


class _Finder:
    """Finds the mutant before the module."""

    def __init__(self, module: str, path: Path, tree: ast.Module) -> None:
        self.module, self.path, self.tree = module, path, tree

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if name != self.module:
            return None
        return spec_from_file_location(name, self.path, loader=_Loader(name, str(self.path), self.tree))


def module_of(path: str) -> str:
    """Return the module of a source file: `components/network.py` is `components.network`."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def suite_of(path: str) -> list[str]:
    """Return the tests of a mutant of a source file, those of the module first, because they fail most often."""
    folder, _, name = path.rpartition("/")
    twin = f"tests/{folder}/test_{name.lstrip('_')}"
    first = [twin] if (ROOT / twin).exists() else []
    if path.startswith("app/"):
        return [
            *first,
            f"tests/{folder}" if folder != "app" else "tests/app/test_wiring.py",
            "tests/app/test_wiring.py",
        ]
    if path.startswith("infra/policy/"):
        shared = [f"{POLICIES}/test_corpus.py", f"{POLICIES}/test_rules.py"]
        is_rule = path.startswith("infra/policy/rules/")
        return [*first, *_labelled(path), *shared] if is_rule else [*first, *shared, POLICIES]
    # The YAML parser is compared with that of the engine, which takes too long for every mutant.
    engine = ["tests/infra/test_engine_yaml.py"] if name == "engine_yaml.py" else []
    return [*first, *engine, "tests/stacks", "tests/components"]


def _labelled(path: str) -> list[str]:
    """Return the test of a policy rule on its labelled resources; none if it has no such resources."""
    labelled = [each.read_text() for each in (ROOT / POLICIES / "corpus" / "rules").glob("*.toml")]
    return [
        f"{POLICIES}/test_corpus.py::test_accepts_the_good_and_rejects_the_bad[{name}]"
        for name in NAME.findall((ROOT / path).read_text())
        if any(f'name = "{name}"' in text for text in labelled)
    ]


def start(
    path: str, make: Callable[[ast.Module], None], log: Path, seconds: float, tests: Sequence[str] | None = None
) -> int:
    """Fork a process that runs the tests of `path`, or `tests`, on its mutant; return its process id.

    `make` changes the parsed module, which must not be imported yet, because the fork would keep the import. The
    process exits with 0 if all tests pass, and with 1 after `seconds`; the output of pytest is written to `log`.
    """
    process = os.fork()
    if process:
        return process
    # No return from here on: the fork must not continue the work of its parent.
    code = 3
    try:
        os.setsid()
        out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(out, 1)
        os.dup2(out, 2)
        faulthandler.dump_traceback_later(seconds, exit=True)
        code = _run(path, make, tests or suite_of(path))
    finally:
        os._exit(code)


def _run(path: str, make: Callable[[ast.Module], None], tests: Sequence[str]) -> int:
    assert module_of(path) not in sys.modules, f"{path} is imported already"
    source = ROOT / path
    tree = ast.parse(source.read_bytes())
    make(tree)
    sys.meta_path.insert(0, _Finder(module_of(path), source, tree))  # type: ignore[arg-type]
    options = ["-x", "-q", "--no-header", f"--deselect={GOLDEN}", f"--ignore={FORK_ONLY}"]
    return int(pytest.main([*options, *(f"-pno:{plugin}" for plugin in UNUSED), *tests]))
