"""The file of certificate authorities that the image trusts for databases has those of RDS only."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

import app

FILE = Path(app.__file__).parent / "rds-ca.pem"
SHA256 = "d42f80cff17929a385d393a73318ef4fd555f3ee7005353d40b8bcc3862f2e7a"
CERTIFICATES = x509.load_pem_x509_certificates(FILE.read_bytes())


def _name(certificate: x509.Certificate) -> str:
    return str(certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)


def test_the_file_has_the_reviewed_hash() -> None:
    """It is third-party data: review a change, and update the hash here."""
    assert hashlib.sha256(FILE.read_bytes()).hexdigest() == SHA256


def test_each_certificate_is_a_root_of_rds_and_valid_for_a_year() -> None:
    """It is self-signed, and may sign certificates."""
    for certificate in CERTIFICATES:
        certificate.verify_directly_issued_by(certificate)
        assert certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        assert _name(certificate).startswith("Amazon RDS ")
        assert certificate.not_valid_after_utc > datetime.now(UTC) + timedelta(days=365)


@pytest.mark.parametrize("region", ["eu-central-1", "eu-west-1", "us-east-1", "us-west-2", "ap-southeast-2"])
@pytest.mark.parametrize("kind", ["RSA2048", "RSA4096", "ECC384"])
def test_each_region_has_all_three_authorities(region: str, kind: str) -> None:
    """An instance may have a certificate of any of them."""
    names = [_name(certificate) for certificate in CERTIFICATES]

    assert names.count(f"Amazon RDS {region} Root CA {kind} G1") == 1
