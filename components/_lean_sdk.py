"""Import of the generated provider SDKs without all that they have: that takes seconds, in every preview.

`pulumi_aws.ec2` and its like import every resource there is as soon as one is named. `lean` puts a package in their
place that imports a resource's own module when the resource is named, and the whole package for any other name.
Programs say `from pulumi_aws import ec2` and `ec2.Vpc` as ever; without this module they are slower, and no different.
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
    """A package that knows where its resources are, and has imported none of them."""

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
        """Run the package's own code, as a usual import would have, for a name that is no resource."""
        self.__class__ = ModuleType  # type: ignore[assignment]
        _loader(self.__spec__).exec_module(self)
        try:
            return self.__dict__[name]
        except KeyError:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}") from None


def lean(*packages: str) -> None:
    """Put lean packages in place of the named ones that nothing has imported yet."""
    for package in packages:
        loaded = sys.modules.get(package)
        # The SDKs put a lazy module there themselves; only an executed one is a plain module.
        if type(loaded) is ModuleType or isinstance(loaded, LeanPackage):
            continue
        _install(package)


def _install(package: str) -> None:
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


def _loader(spec: ModuleSpec | None) -> Loader:
    if spec is None or spec.loader is None:
        raise ImportError("not a package in a folder")
    return spec.loader


def _module_of(name: str, folder: Path) -> str:
    """Give the module of a resource: `Vpc` is in `vpc`, or, in other SDKs, in a module of its own name."""
    if (folder / f"{name}.py").exists():
        return name
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
