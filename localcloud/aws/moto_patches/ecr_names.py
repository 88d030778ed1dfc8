"""moto refuses repository names that ECR's model allows, with two underscores or several hyphens in a row.

Upstream in 2026-11: not reported.
"""

from botocore.loaders import Loader
from moto.ecr import models

from localcloud.aws.moto_patches.patch import Changes, Patch


def apply(changes: Changes) -> None:
    """Patch moto."""
    shapes = Loader().load_service_model("ecr", "service-2")["shapes"]
    changes.put(models, "ECR_REPOSITORY_NAME_PATTERN", shapes["RepositoryName"]["pattern"])


PATCH = Patch(name="ecr_names", apply=apply)
