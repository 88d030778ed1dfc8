"""Rules of CloudFront about the certificate of a distribution."""

from collections.abc import Iterator, Mapping

from localcloud.aws.judge.refusal import RefusedError, known
from localcloud.aws.judge.rules.rule import Parameters, RequestRules

# AWS's message: https://github.com/milliHQ/terraform-aws-next-js/issues/61
_WORDS = (
    "The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or doesn't include a valid "
    "certificate chain."
)
_PATH = ("DistributionConfig", "ViewerCertificate", "ACMCertificateArn")


def _certificate(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse an ACM certificate that is not in us-east-1."""
    tagged = parameters.get("DistributionConfigWithTags")
    outer = tagged if isinstance(tagged, Mapping) else parameters
    config = outer.get("DistributionConfig")
    viewer = config.get("ViewerCertificate") if isinstance(config, Mapping) else None
    arn = viewer.get("ACMCertificateArn") if isinstance(viewer, Mapping) else None
    if isinstance(arn, str) and known(arn) and arn.split(":")[3:4] != ["us-east-1"]:
        path = _PATH if outer is parameters else ("DistributionConfigWithTags", *_PATH)
        source = "botocore cloudfront ViewerCertificate.ACMCertificateArn"
        yield RefusedError("InvalidViewerCertificate", _WORDS, path=path, value=arn, source=source)


REQUEST_RULES: RequestRules = {
    ("cloudfront", "CreateDistributionWithTags"): (_certificate,),
    ("cloudfront", "UpdateDistribution"): (_certificate,),
}
