"""Requests with which the rules read the account."""

from typing import Any

import pytest

from localcloud.aws.judge.rules.rule import remembering


def test_reads_a_resource_once_for_a_request() -> None:
    asked: list[tuple[str, str, dict[str, Any]]] = []

    def ask(service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        asked.append((service, operation, parameters))
        return {"number": len(asked)}

    read = remembering(ask)
    answers = [
        read("ec2", "DescribeSubnets", SubnetIds=["subnet-1"]),
        read("ec2", "DescribeSubnets", SubnetIds=["subnet-2"]),
        read("ec2", "DescribeSubnets", SubnetIds=["subnet-1"]),
        read("ec2", "DescribeVpcs", SubnetIds=["subnet-1"]),
        read("rds", "DescribeSubnets", SubnetIds=["subnet-1"]),
    ]

    assert [answer["number"] for answer in answers] == [1, 2, 1, 3, 4]
    assert remembering(ask)("ec2", "DescribeSubnets", SubnetIds=["subnet-1"]) == {"number": 5}


def test_an_error_is_not_cached() -> None:
    """Each rule decides itself what a missing resource means."""

    def ask(service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        raise LookupError(f"{service} {operation}")

    read = remembering(ask)
    for _ in range(2):
        with pytest.raises(LookupError, match="ec2 DescribeVpcs"):
            read("ec2", "DescribeVpcs")
