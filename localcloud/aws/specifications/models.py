"""botocore's service models, loaded when first asked for and then kept. Needs no client and no endpoint."""

import re
import threading
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.model import ServiceModel

_lock = threading.Lock()


@cache
def loader() -> Any:
    """Return one loader for all, boto3's sessions included: it keeps the models that it read."""
    from botocore.loaders import create_loader  # noqa: PLC0415 - slow to load, and a preview may not need it

    return create_loader()


def service_model(service: str) -> "ServiceModel":
    """Return the model of a service, such as `ec2`."""
    with _lock:  # many resources ask at once, and a model is read once
        return _service_model(service)


@cache
def _service_model(service: str) -> "ServiceModel":
    from botocore.model import ServiceModel  # noqa: PLC0415

    return ServiceModel(loader().load_service_model(service, "service-2"), service)


def untouched_model(service: str) -> "ServiceModel":
    """Return a model that no client shares.

    S3's client takes the bucket out of the URLs in the model that it uses
    (botocore.handlers.remove_bucket_from_url_paths_from_model).
    """
    from botocore.loaders import create_loader  # noqa: PLC0415
    from botocore.model import ServiceModel  # noqa: PLC0415

    return ServiceModel(create_loader().load_service_model(service, "service-2"), service)


@cache
def compiled(pattern: str) -> Any:
    """Return a pattern of a model, which is in Java's syntax or ECMAScript's; None where Python cannot read it."""
    if "&&" in pattern:  # an intersection of sets in Java, plain characters in Python
        return None
    try:
        if "\\p{" in pattern:
            import regex  # noqa: PLC0415 - knows Unicode's classes; few patterns need it

            return regex.compile(pattern)
        return re.compile(pattern, re.ASCII)  # Java's \w and \d are ASCII
    except Exception:
        return None
