"""Steps that need the patches of the core of moto."""

from typing import Any

import pytest
from moto import backends
from moto.core import responses, serialize
from moto.iam.responses import IamResponse

from tests.localcloud.aws.moto_patches.steps.common import client


def request_lookups() -> None:
    folders: Any = backends.list_of_moto_modules()
    methods = responses.method_names_from_class(IamResponse)

    assert {"ec2", "iam", "sqs"} <= set(folders)
    assert backends.list_of_moto_modules() is folders
    assert "create_role" in methods
    assert responses.method_names_from_class(IamResponse) is methods


def response_names() -> None:
    ec2 = client("ec2")
    subnets = ec2.describe_subnets()["Subnets"]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(serialize, "xform_name", lambda _: pytest.fail("a name is derived again"))
        assert ec2.describe_subnets()["Subnets"] == subnets
    assert {"SubnetId", "CidrBlock", "MapPublicIpOnLaunch"} <= set(subnets[0])


STEPS = (
    request_lookups,
    response_names,
)
