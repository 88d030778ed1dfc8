"""Rules of CloudFront about the certificate, the origins and the methods of a distribution."""

from collections.abc import Iterator, Mapping
from typing import Any

from localcloud.aws.judge.refusal import Path, RefusedError, known
from localcloud.aws.judge.rules.rule import Parameters, RequestRules
from localcloud.aws.specifications.models import service_model

# AWS's message: https://github.com/milliHQ/terraform-aws-next-js/issues/61
_WORDS = (
    "The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or doesn't include a valid "
    "certificate chain."
)
# AWS's messages, recorded from real requests.
_MEASURED = "https://github.com/badmintoncryer/cdk-preflight/tree/main/rules/cloudfront/pf-cloudfront"
_NO_COUNTRY = "https://github.com/aws/aws-cdk/issues/19022"
_PORTS = frozenset({80, 443, *range(1024, 65_536)})
_KEEPALIVE_SECONDS = range(1, 301)
_METHODS = (
    ("HEAD", "GET"),
    ("HEAD", "GET", "OPTIONS"),
    ("HEAD", "DELETE", "POST", "GET", "OPTIONS", "PUT", "PATCH"),
)
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/add-origin-custom-headers.html
_OWN_HEADERS = frozenset(
    """cache-control connection content-length cookie host if-match if-modified-since if-none-match if-range
    if-unmodified-since max-forwards pragma proxy-authenticate proxy-authorization proxy-connection range request-range
    te trailer transfer-encoding upgrade via x-real-ip""".split()  # noqa: SIM905 - read as a text
)
_OWN_PREFIXES = ("x-amz-", "x-edge-")
_MAX_COMMENT = 128


def _certificate(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse an ACM certificate that is not in us-east-1."""
    at, config = _config(parameters)
    viewer = config.get("ViewerCertificate")
    arn = viewer.get("ACMCertificateArn") if isinstance(viewer, Mapping) else None
    if isinstance(arn, str) and known(arn) and arn.split(":")[3:4] != ["us-east-1"]:
        path = (*at, "ViewerCertificate", "ACMCertificateArn")
        source = "botocore cloudfront ViewerCertificate.ACMCertificateArn"
        yield RefusedError("InvalidViewerCertificate", _WORDS, path=path, value=arn, source=source)


def _restriction(parameters: Parameters) -> Iterator[RefusedError]:
    """Require ISO codes of countries for a geographic restriction, and refuse them without one."""
    at, config = _config(parameters)
    found = (config.get("Restrictions") or {}).get("GeoRestriction") or {}
    type_, items = found.get("RestrictionType"), found.get("Items") or []
    path = (*at, "Restrictions", "GeoRestriction")
    if known(type_) and isinstance(items, list) and (type_ == "none") is bool(items):
        words, source = "Your request contains invalid Restriction parameters.", "geo-restriction-locations-exclusive"
        where = (*path, "Items") if items else (*path, "RestrictionType")
        yield RefusedError(
            "InvalidGeoRestrictionParameter",
            words,
            path=where,
            value=items or type_,
            source=f"{_MEASURED}-{source}" if items else "botocore cloudfront GeoRestriction.Items",
        )
    # CloudFront and WAF both use ISO 3166-1 alpha-2 codes. Only the model of WAF lists them.
    codes: Any = service_model("wafv2").shape_for("CountryCode") if items else None
    countries = frozenset(codes.enum) if items else frozenset()
    for index, code in enumerate(items if isinstance(items, list) else ()):
        if isinstance(code, str) and known(code) and code not in countries:
            words = "Your request contains one or more invalid location codes."
            source = f"{_MEASURED}-geo-restriction-country-code" if code.upper() in countries else _NO_COUNTRY
            where = (*path, "Items", index)
            yield RefusedError("InvalidLocationCode", words, path=where, value=code, source=source)


def _web_acl(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a web ACL whose scope is not CLOUDFRONT."""
    at, config = _config(parameters)
    arn = config.get("WebACLId")
    if isinstance(arn, str) and known(arn) and ":wafv2:" in arn and ":global/webacl/" not in arn:
        words = f"Only global scoped ARNs are supported {arn}"
        source = f"{_MEASURED}-wafv2-webacl-scope"
        yield RefusedError("InvalidWebACLId", words, path=(*at, "WebACLId"), value=arn, source=source)


def _unique(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse origins with the same id, and two headers of an origin with the same name."""
    ids = set[str]()
    for at, origin in _listed(*_config(parameters), "Origins"):
        id_, names = origin.get("Id"), set[str]()
        if id_ in ids:
            source = f"{_MEASURED}-origin-id-unique"
            yield _argument("The parameter origin ID must be unique.", (*at, "Id"), id_, source)
        ids |= {id_} if isinstance(id_, str) and known(id_) else set()
        for place, header in _listed(at, origin, "CustomHeaders"):
            title = header.get("HeaderName")
            if not isinstance(title, str) or not known(title):
                continue
            if title.lower() in names:
                words = f"The parameter HeaderName : {title} is invalid as it is a duplicate."
                source = f"{_MEASURED}-origin-custom-header-name-unique"
                yield _argument(words, (*place, "HeaderName"), title, source)
            names.add(title.lower())


def _origins(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse ports and timeouts of an origin that CloudFront does not support, and headers that it sets itself."""
    for at, origin in _listed(*_config(parameters), "Origins"):
        custom = origin.get("CustomOriginConfig")
        custom = custom if isinstance(custom, Mapping) else {}
        for name in ("HTTPPort", "HTTPSPort"):
            port = custom.get(name)
            if isinstance(port, int) and port not in _PORTS:
                words = "The parameter origin port is not within allowed range."
                source = f"{_MEASURED}-origin-{name.removesuffix('Port').lower()}-port-range"
                yield _argument(words, (*at, "CustomOriginConfig", name), port, source)
        yield from _timeouts(custom, (*at, "CustomOriginConfig"))
        for place, header in _listed(at, origin, "CustomHeaders"):
            title = header.get("HeaderName")
            if isinstance(title, str) and (title.lower() in _OWN_HEADERS or title.lower().startswith(_OWN_PREFIXES)):
                words = f"The parameter HeaderName : {title} is not allowed."
                yield _argument(words, (*place, "HeaderName"), title, f"{_MEASURED}-origin-custom-header-blocklist")


def _timeouts(origin: Mapping[str, Any], at: Path) -> Iterator[RefusedError]:
    """Refuse timeouts outside of their range. The upper limit of the read timeout is a quota of the account."""
    keepalive, read = origin.get("OriginKeepaliveTimeout"), origin.get("OriginReadTimeout")
    if isinstance(keepalive, int) and keepalive not in _KEEPALIVE_SECONDS:
        words = "Your request of setting originKeepaliveTimeout is not within the valid range."
        yield RefusedError(
            "InvalidOriginKeepaliveTimeout",
            words,
            path=(*at, "OriginKeepaliveTimeout"),
            value=keepalive,
            source=f"{_MEASURED}-origin-keepalive-timeout-range",
        )
    if isinstance(read, int) and read < 1:
        words = "Your request of setting originReadTimeout is not within the valid range."
        path, source = (*at, "OriginReadTimeout"), f"{_MEASURED}-origin-read-timeout-range"
        yield RefusedError("InvalidOriginReadTimeout", words, path=path, value=read, source=source)


def _behavior(parameters: Parameters) -> Iterator[RefusedError]:
    """Require one of the sets of methods that CloudFront supports, and an origin of the distribution."""
    outer, config = _config(parameters)
    behavior = config.get("DefaultCacheBehavior")
    if not isinstance(behavior, Mapping):
        return
    at = (*outer, "DefaultCacheBehavior")
    methods = behavior.get("AllowedMethods") or {}
    allowed = methods.get("Items") or []
    cached = (methods.get("CachedMethods") or {}).get("Items") or []
    if allowed and all(map(known, allowed)) and not any(set(allowed) == set(each) for each in _METHODS):
        sets = " or ".join(f"[{', '.join(each)}]" for each in _METHODS)
        words = f"The parameter AllowedMethods is invalid (must be: {sets})."
        yield _argument(words, (*at, "AllowedMethods"), allowed, f"{_MEASURED}-allowed-methods-set")
    for method in cached:
        if allowed and known(method) and method not in allowed:
            words = f"The parameter CachedMethods {method} does not exists in AllowedMethods."
            yield _argument(words, (*at, "CachedMethods"), cached, f"{_MEASURED}-cached-methods-subset")
    target, origins = behavior.get("TargetOriginId"), [each.get("Id") for _, each in _listed(outer, config, "Origins")]
    if known(target) and all(map(known, origins)) and target not in origins:
        yield RefusedError(
            "NoSuchOrigin",
            "One or more of your cache behavior target origins or origin groups do not exist.",
            path=(*at, "TargetOriginId"),
            value=target,
            source=f"{_MEASURED}-cache-behavior-target-origin-exists",
        )


def _comment(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a comment longer than 128 characters. AWS's message is not known."""
    at, config = _config(parameters)
    comment = config.get("Comment")
    if isinstance(comment, str) and known(comment) and len(comment) > _MAX_COMMENT:
        words = f"The comment cannot be longer than {_MAX_COMMENT} characters."
        yield _argument(words, (*at, "Comment"), comment, "botocore cloudfront DistributionConfig.Comment")


def _config(parameters: Parameters) -> tuple[Path, Mapping[str, Any]]:
    """Return the path and the value of the configuration of a distribution, of a creation or an update."""
    tagged = parameters.get("DistributionConfigWithTags")
    at: Path = ("DistributionConfigWithTags",) if isinstance(tagged, Mapping) else ()
    config = (tagged if isinstance(tagged, Mapping) else parameters).get("DistributionConfig")
    return (*at, "DistributionConfig"), config if isinstance(config, Mapping) else {}


def _listed(at: Path, outer: Mapping[str, Any], name: str) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Yield the items of a list in CloudFront's format with their paths."""
    for index, item in enumerate((outer.get(name) or {}).get("Items") or ()):
        if isinstance(item, Mapping):
            yield (*at, name, "Items", index), item


def _argument(words: str, path: Path, value: Any, source: str) -> RefusedError:
    return RefusedError("InvalidArgument", words, path=path, value=value, source=source)


_RULES = (_certificate, _origins, _unique, _behavior, _restriction, _web_acl, _comment)
REQUEST_RULES: RequestRules = {
    ("cloudfront", "CreateDistributionWithTags"): _RULES,
    ("cloudfront", "UpdateDistribution"): _RULES,
}
