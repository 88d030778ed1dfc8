"""The components of an environment. Each module has one component and its args."""

from components._lean_sdk import lean
from components._sdk_names import RESOURCES

for _package, _names in RESOURCES.items():
    lean(_package, *_names)
