"""Import single modules of the generated provider SDKs; importing whole packages takes seconds in every preview.

`pulumi_aws.ec2` and similar packages import all their resources when one is accessed. `lean` replaces them with a
package that imports the modules of the given resources immediately, so that a command can do it in the background,
the module of another resource when it is accessed, and the whole package for any other name.
Programs use `from pulumi_aws import ec2` and `ec2.Vpc` as usual; without this module they only start more slowly.
"""

import importlib
import importlib.util
import re
import sys
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

SHARED = {"outputs", "_inputs", "_enums"}  # modules that a package's other modules import from it


class LeanPackage(ModuleType):
    """A package that knows the modules of its resources and imports them one by one."""

    def __getattr__(self, name: str) -> object:
        if name in SHARED:
            return importlib.import_module(f"{self.__name__}.{name}")
        if name.startswith("__"):
            raise AttributeError(name)
        module = f"{self.__name__}.{_module_of(name, Path(self.__path__[0]))}"
        if importlib.util.find_spec(module) is None:
            return self._whole(name)
        value: object = getattr(importlib.import_module(module), name)
        setattr(self, name, value)
        return value

    def _whole(self, name: str) -> object:
        """Run the package's own code, as a normal import does, for a name that is not a resource."""
        self.__class__ = ModuleType  # type: ignore[assignment]
        _loader(self.__spec__).exec_module(self)
        try:
            return self.__dict__[name]
        except KeyError:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}") from None


def lean(package: str, *names: str) -> None:
    """Replace a package that is not imported yet with a lean one that has the named resources."""
    # The SDKs install a lazy module themselves; only an executed one is a plain module.
    if type(sys.modules.get(package)) is ModuleType:
        return
    module = _install(package)
    for name in names:
        getattr(module, name)


def _install(package: str) -> LeanPackage:
    parent_name, _, name = package.rpartition(".")
    parent = importlib.import_module(parent_name)
    folder = Path(parent.__path__[0]) / name
    spec = importlib.util.spec_from_file_location(
        package, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    module = LeanPackage(package)
    module.__spec__ = spec
    module.__loader__ = _loader(spec)
    module.__package__ = package
    module.__path__ = [str(folder)]
    module.__file__ = str(folder / "__init__.py")
    sys.modules[package] = module
    setattr(parent, name, module)
    return module


def _loader(spec: ModuleSpec | None) -> Loader:
    if spec is None or spec.loader is None:
        raise ImportError("not a package in a folder")
    return spec.loader


def _module_of(name: str, folder: Path) -> str:
    """Return the module of a resource: `Vpc` is in `vpc`, or in other SDKs in a module with its name.

    A function and its `_output` form are in one module.
    """
    name = name.removesuffix("_output")
    if (folder / f"{name}.py").exists():
        return name
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
