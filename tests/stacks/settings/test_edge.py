"""Values derived from `drydock:edge`."""

import pytest

from stacks.settings.edge import EdgeSettings
from tests.stacks.settings.errors import error_lines

ACCOUNT = "123456789012"
ID = "12345678-1234-1234-1234-123456789012"
CERTIFICATE = f"arn:aws:acm:eu-central-1:{ACCOUNT}:certificate/{ID}"


@pytest.mark.parametrize(
    ("domain", "zone", "expected"),
    [
        (None, None, None),
        ("api.example.com", None, "example.com"),
        ("example.com", "example.com", "example.com"),
        ("a.b.example.com", "example.com", "example.com"),
    ],
)
def test_the_zone_is_the_parent_of_the_domain_unless_it_is_set(
    domain: str | None, zone: str | None, expected: str | None
) -> None:
    assert EdgeSettings(domain=domain, zone=zone).hosted_zone == expected


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("API.Example.com", "write api.example.com"),
        ("api.example.com.", "write api.example.com"),
        ("https://api.example.com/", "write api.example.com"),
        ("https://API.example.com:8443/x?y", "write api.example.com"),
        ("api_1.example.com", "such as api.example.com"),
        ("example", "such as api.example.com"),
        ("-a.example.com", "such as api.example.com"),
        (f"{'a' * 60}.example.com", "such as api.example.com"),
        ("a.example.com\n", "such as api.example.com"),
        ("", "such as api.example.com"),
    ],
)
@pytest.mark.parametrize("name", ["domain", "zone"])
def test_a_domain_is_explained_in_words(name: str, written: str, meant: str) -> None:
    """With the name that was probably meant."""
    [line] = error_lines(edge={"domain": "api.example.com", name: written})

    assert line.startswith(f"edge.{name}: must be a host name with at least one dot, in lower case, of at most 64 ")
    assert f": {meant}, got " in line


def test_a_domain_of_two_labels_needs_its_zone() -> None:
    """The default would be the top-level domain."""
    [line] = error_lines(edge={"domain": "acme.io"})
    assert line == "edge.zone: must be set to acme.io: the default is io, which is not your zone"

    [line] = error_lines(edge={"domain": "acme.io", "zone": "acme.com"})
    assert line == "edge.zone: must be acme.io, got acme.com"
    assert error_lines(edge={"domain": "acme.io", "zone": "acme.io"}) == []


def test_a_local_cloud_has_a_zone_of_localhost() -> None:
    assert error_lines(edge={"domain": "drydock.localhost"}) == []


@pytest.mark.parametrize(
    ("arn", "says"),
    [
        (CERTIFICATE.replace("arn:aws", "arn:aws-cn"), "must be the ARN of a certificate in the partition aws"),
        (CERTIFICATE.replace("arn:aws", "arn:aws-us-gov"), "and not in aws-us-gov, got "),
        (CERTIFICATE.removesuffix("2"), "must be the ARN of a certificate in ACM, such as arn:aws:acm:eu-central-1:"),
        (f"arn:aws:acm:eu-central-1:{ACCOUNT}:certificate/a-b", "must be the ARN of a certificate in ACM"),
        (f"arn:aws:iam::{ACCOUNT}:server-certificate/a", "must be the ARN of a certificate in ACM"),
        (ID, "must be the ARN of a certificate in ACM"),
        (
            CERTIFICATE.replace(ACCOUNT, "210987654321"),
            f"must belong to the account accountId ({ACCOUNT}), got arn:aws:acm:eu-central-1:210987654321:certificate/",
        ),
    ],
)
def test_a_certificate_that_the_load_balancer_cannot_use_is_refused(arn: str, says: str) -> None:
    [line] = error_lines(accountId=ACCOUNT, edge={"certificateArn": arn})

    assert line.startswith("edge.certificateArn: must ")
    assert says in line


def test_a_certificate_of_the_account_is_accepted() -> None:
    """Without an account in the settings, any account may be meant."""
    assert error_lines(accountId=ACCOUNT, edge={"certificateArn": CERTIFICATE}) == []
    assert error_lines(edge={"certificateArn": CERTIFICATE}) == []
