"""All botocore loaders in the process of an account share the files that they read."""

import pytest
from botocore import loaders

from localcloud.aws.specifications.models import share_files


@pytest.fixture(autouse=True)
def shared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loaders.Loader, "FILE_LOADER_CLASS", loaders.JSONFileLoader)
    share_files()


@pytest.mark.parametrize("service", ["ec2", "rds", "iam"])
def test_loaders_read_a_model_once(service: str) -> None:
    first, second = (loaders.create_loader().load_service_model(service, "service-2") for _ in range(2))

    assert first["operations"] is second["operations"]


def test_a_shared_model_equals_that_of_botocore() -> None:
    plain = loaders.Loader(file_loader=loaders.JSONFileLoader())

    for service in ("ec2", "eks", "sqs"):
        assert loaders.create_loader().load_service_model(service, "service-2") == plain.load_service_model(
            service, "service-2"
        )


def test_each_loader_reads_the_model_of_s3() -> None:
    """A client of S3 changes its model, and the account uses the paths in the model for routing."""
    first, second = (loaders.create_loader().load_service_model("s3", "service-2") for _ in range(2))

    assert first == second
    assert first["operations"] is not second["operations"]


def test_a_missing_file_raises_the_error_of_botocore() -> None:
    with pytest.raises(loaders.DataNotFoundError):
        loaders.create_loader().load_service_model("ec2", "no-such-file")
