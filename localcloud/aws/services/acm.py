"""ACM certificates and their validation."""

from typing import Any

from localcloud.aws.account import Account
from localcloud.aws.judge.refusal import known
from localcloud.aws.resource import Resource, Tagging
from localcloud.protocol.servicer import ProviderError
from localcloud.protocol.values import Properties

ISSUED = "ISSUED"


class Certificate(Resource):
    """A certificate, which ACM issues after it has validated the domain. Its id is its ARN."""

    type = "aws:acm/certificate:Certificate"
    gone = {"ResourceNotFoundException": ()}
    service = "acm"
    replaces = ("domainName", "keyAlgorithm", "subjectAlternativeNames", "validationMethod")
    create_operation = "RequestCertificate"
    created_id = "CertificateArn"
    describe_operation = "DescribeCertificate"
    found = "Certificate"
    id_parameter = "CertificateArn"
    delete_operation = "DeleteCertificate"
    tagging = Tagging(
        add="AddTagsToCertificate", remove="RemoveTagsFromCertificate", target="CertificateArn", keys="Tags"
    )

    def state(self, aws: Account, id_: str, item: Any) -> Properties:
        """Return the state with the DNS records that validate the domain names."""
        tags = aws.call("acm", "ListTagsForCertificate", CertificateArn=id_)["Tags"]
        names = [item["DomainName"], *item["SubjectAlternativeNames"]]
        return {
            "arn": id_,
            "domainName": item["DomainName"],
            "keyAlgorithm": item["KeyAlgorithm"],
            "subjectAlternativeNames": list(dict.fromkeys(names)),
            "status": item["Status"],
            "validationMethod": next(
                (each["ValidationMethod"] for each in item.get("DomainValidationOptions", [])), None
            ),
            "domainValidationOptions": [
                {
                    "domainName": each["DomainName"],
                    "resourceRecordName": each["ResourceRecord"]["Name"],
                    "resourceRecordType": each["ResourceRecord"]["Type"],
                    "resourceRecordValue": each["ResourceRecord"]["Value"],
                }
                for each in item.get("DomainValidationOptions", [])
            ],
            "tagsAll": self.tagging.decode(tags) if self.tagging else {},
        }


class CertificateValidation(Resource):
    """Waits until a certificate is issued. It is a resource of Pulumi's provider only, not of AWS."""

    type = "aws:acm/certificateValidation:CertificateValidation"
    gone = {"ResourceNotFoundException": ()}
    service = "acm"
    replaces = ("certificateArn",)

    def create(self, aws: Account, inputs: Properties) -> str:
        """Check that the certificate is issued. The local account issues it as soon as its DNS records exist.

        Raises:
            ProviderError: the certificate is not issued, because a DNS record is missing.
        """
        arn = str(inputs["certificateArn"])
        told = aws.call("acm", "DescribeCertificate", CertificateArn=arn)["Certificate"]
        if known(told["Status"]) and told["Status"] != ISSUED:
            records = ", ".join(
                each["ResourceRecord"]["Name"]
                for each in told.get("DomainValidationOptions", [])
                if each["ValidationStatus"] != "SUCCESS"
            )
            raise ProviderError(
                f"certificate {arn} is {told['Status']}: no hosted zone of this account has its records ({records})"
            )
        return arn

    def read(self, aws: Account, id_: str, inputs: Properties) -> Properties | None:
        """Return the state, or None if the certificate is no longer issued."""
        told = aws.call("acm", "DescribeCertificate", CertificateArn=id_)["Certificate"]
        return {"certificateArn": id_} if told["Status"] == ISSUED else None

    def delete(self, aws: Account, id_: str, inputs: Properties) -> None:
        """Do nothing: AWS has no resource to delete."""


TYPES: tuple[type[Resource], ...] = (Certificate, CertificateValidation)
