"""All loaders of botocore in the process of an account share the files that they read."""

import pytest
from botocore import loaders

from localcloud.aws.specifications.models import share_files


@pytest.fixture(autouse=True)
def shared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loaders.Loader, "FILE_LOADER_CLASS", loaders.JSONFileLoader)
    share_files()


@pytest.mark.parametrize("service", ["ec2", "rds", "iam"])
def test_two_loaders_read_a_model_once(service: str) -> None:
    first, second = (loaders.create_loader().load_service_model(service, "service-2") for _ in range(2))

    assert first["operations"] is second["operations"]


def test_a_shared_model_is_what_botocore_reads() -> None:
    plain = loaders.Loader(file_loader=loaders.JSONFileLoader())

    for service in ("ec2", "eks", "sqs"):
        assert loaders.create_loader().load_service_model(service, "service-2") == plain.load_service_model(
            service, "service-2"
        )


def test_the_model_of_s3_is_read_for_each_loader() -> None:
    """A client of S3 changes its model, and the account routes by the paths in it."""
    first, second = (loaders.create_loader().load_service_model("s3", "service-2") for _ in range(2))

    assert first == second
    assert first["operations"] is not second["operations"]


def test_a_file_that_is_missing_is_an_error_of_botocore() -> None:
    with pytest.raises(loaders.DataNotFoundError):
        loaders.create_loader().load_service_model("ec2", "no-such-file")
