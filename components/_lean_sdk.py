"""Import of the generated provider SDKs without all that they have: seconds, in every preview.

`pulumi_aws.ec2` and its like import every resource there is as soon as one is named. `lean` puts a package in place that
imports a resource's own module when the resource is named, and falls back to the whole package for any other name.
Programs say `from pulumi_aws import ec2` and `ec2.Vpc` as ever; without this module they are slower, and no different.
"""

import importlib
import importlib.util
import re
import sys
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
        assert self.__spec__ is not None
        assert self.__spec__.loader is not None
        self.__class__ = ModuleType  # type: ignore[assignment]
        self.__spec__.loader.exec_module(self)
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
        spec = importlib.util.find_spec(package.rpartition(".")[0])
        assert spec is not None
        assert spec.submodule_search_locations
        folder = Path(spec.submodule_search_locations[0]) / package.rpartition(".")[2]
        own = importlib.util.spec_from_file_location(
            package, folder / "__init__.py", submodule_search_locations=[str(folder)]
        )
        assert own is not None
        module = LeanPackage(package)
        module.__spec__ = own
        module.__loader__ = own.loader
        module.__package__ = package
        module.__path__ = [str(folder)]
        module.__file__ = str(folder / "__init__.py")
        sys.modules[package] = module
        parent, _, name = package.rpartition(".")
        setattr(importlib.import_module(parent), name, module)


def _module_of(name: str, folder: Path) -> str:
    """Give the module of a resource: `Vpc` is in `vpc`, or, in other SDKs, in a module of its own name."""
    if (folder / f"{name}.py").exists():
        return name
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
