"""Loads botocore's service models lazily and caches them. Needs no client and no endpoint."""

import os
import re
import threading
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.model import ServiceModel

S3_MODEL = f"{os.sep}s3{os.sep}"
"""Part of the path of the only model that botocore changes: see `untouched_model`."""
_lock = threading.Lock()


def share_files() -> None:
    """Let all loaders of botocore in this process share the files that they read.

    moto and each session have their own loader, and the model of EC2 alone has 4 MB.
    """
    import orjson  # noqa: PLC0415
    from botocore import loaders  # noqa: PLC0415 - slow to load, and a preview may not need it

    class SharedFiles(loaders.JSONFileLoader):
        def _load_file(self, full_path: str, open_method: Any) -> Any:
            if S3_MODEL in full_path:
                return super()._load_file(full_path, open_method)  # type: ignore[misc]
            return _read(full_path, open_method)

    @cache
    def _read(path: str, open_file: Any) -> Any:
        if not Path(path).is_file():
            return None
        with open_file(path, "rb") as file:
            return orjson.loads(file.read())

    loaders.Loader.FILE_LOADER_CLASS = SharedFiles


@cache
def loader() -> Any:
    """Return the shared loader, which caches models. boto3's sessions also use it."""
    from botocore.loaders import create_loader  # noqa: PLC0415 - slow to load, and a preview may not need it

    return create_loader()


def service_model(service: str) -> "ServiceModel":
    """Return the model of a service, such as `ec2`."""
    with _lock:  # load each model only once, even if many threads request it
        return _service_model(service)


@cache
def _service_model(service: str) -> "ServiceModel":
    from botocore.model import ServiceModel  # noqa: PLC0415

    return ServiceModel(loader().load_service_model(service, "service-2"), service)


def untouched_model(service: str) -> "ServiceModel":
    """Return a model that is not shared with any client.

    S3's client removes the bucket from the URLs in its model
    (botocore.handlers.remove_bucket_from_url_paths_from_model).
    """
    from botocore.loaders import create_loader  # noqa: PLC0415
    from botocore.model import ServiceModel  # noqa: PLC0415

    return ServiceModel(create_loader().load_service_model(service, "service-2"), service)


@cache
def compiled(pattern: str) -> Any:
    """Return the compiled pattern of a model, in Java's or ECMAScript's syntax, or None if Python cannot compile it."""
    if "&&" in pattern:  # an intersection of sets in Java, but literal characters in Python
        return None
    try:
        if "\\p{" in pattern:
            import regex  # noqa: PLC0415 - knows Unicode's classes; few patterns need it

            return regex.compile(pattern)
        return re.compile(pattern, re.ASCII)  # Java's \w and \d are ASCII
    except Exception:
        return None
