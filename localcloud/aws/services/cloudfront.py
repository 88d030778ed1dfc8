"""CloudFront distributions for a load balancer."""

from collections.abc import Iterable, Mapping
from typing import Any

from localcloud.aws.account import Account
from localcloud.aws.resource import Resource, Tagging
from localcloud.protocol.values import Properties

ZONE = "Z2FDTNDATAQYW2"
"""Hosted zone of all distributions: https://docs.aws.amazon.com/Route53/latest/APIReference/API_AliasTarget.html."""
_ORIGIN = {
    "httpPort": "HTTPPort",
    "httpsPort": "HTTPSPort",
    "originProtocolPolicy": "OriginProtocolPolicy",
    "originKeepaliveTimeout": "OriginKeepaliveTimeout",
    "originReadTimeout": "OriginReadTimeout",
}
_BEHAVIOR = {
    "targetOriginId": "TargetOriginId",
    "viewerProtocolPolicy": "ViewerProtocolPolicy",
    "cachePolicyId": "CachePolicyId",
    "originRequestPolicyId": "OriginRequestPolicyId",
    "compress": "Compress",
}
_ERROR = {
    "errorCode": "ErrorCode",
    "errorCachingMinTtl": "ErrorCachingMinTTL",
    "responseCode": "ResponseCode",
    "responsePagePath": "ResponsePagePath",
}
_SHIELD = {"enabled": "Enabled", "originShieldRegion": "OriginShieldRegion"}
_CERTIFICATE = {
    "acmCertificateArn": "ACMCertificateArn",
    "sslSupportMethod": "SSLSupportMethod",
    "minimumProtocolVersion": "MinimumProtocolVersion",
}
_CONFIG = {
    "enabled": "Enabled",
    "comment": "Comment",
    "httpVersion": "HttpVersion",
    "isIpv6Enabled": "IsIPV6Enabled",
    "webAclId": "WebACLId",
    "priceClass": "PriceClass",
    "defaultRootObject": "DefaultRootObject",
}


class Distribution(Resource):
    """A distribution. The local gateway forwards requests for its names to the load balancer that is its origin."""

    type = "aws:cloudfront/distribution:Distribution"
    gone = {"NoSuchDistribution": ()}
    recorded = "edge locations, TLS versions, client protocols and logs; the gateway adds its headers for its names"
    service = "cloudfront"
    regional = False
    tagging = Tagging(add="TagResource", remove="UntagResource", target="Resource")

    def create(self, aws: Account, inputs: Properties) -> str:
        """Create the distribution with a caller reference, as Pulumi's provider does."""
        reference = str(inputs.get("comment") or "") + str(sorted(inputs.get("aliases") or ()))
        asked = {"DistributionConfig": _config(inputs, reference), "Tags": _tags(inputs.get("tagsAll") or {})}
        answer = aws.call("cloudfront", "CreateDistributionWithTags", DistributionConfigWithTags=asked)
        return str(answer["Distribution"]["Id"])

    def read(self, aws: Account, id_: str, inputs: Properties) -> Properties | None:
        """Return the configuration, ARN, domain name and tags."""
        found = aws.call("cloudfront", "GetDistribution", Id=id_)["Distribution"]
        tags = aws.call("cloudfront", "ListTagsForResource", Resource=found["ARN"])["Tags"]["Items"]
        return {
            **_state(found["DistributionConfig"]),
            "arn": found["ARN"],
            "domainName": found["DomainName"],
            "hostedZoneId": ZONE,
            "tagsAll": self.tagging.decode(tags) if self.tagging else {},
        }

    def update(self, aws: Account, id_: str, old: Properties, new: Properties, changed: set[str]) -> None:
        """Replace the whole configuration."""
        if changed:
            told = aws.call("cloudfront", "GetDistributionConfig", Id=id_)
            config = _config(new, told["DistributionConfig"]["CallerReference"])
            aws.call("cloudfront", "UpdateDistribution", Id=id_, IfMatch=told["ETag"], DistributionConfig=config)

    def delete(self, aws: Account, id_: str, inputs: Properties) -> None:
        """Disable and delete the distribution. CloudFront refuses to delete an enabled distribution."""
        told = aws.call("cloudfront", "GetDistributionConfig", Id=id_)
        config = {**told["DistributionConfig"], "Enabled": False}
        answer = aws.call("cloudfront", "UpdateDistribution", Id=id_, IfMatch=told["ETag"], DistributionConfig=config)
        aws.call("cloudfront", "DeleteDistribution", Id=id_, IfMatch=answer["ETag"])

    def retag(self, aws: Account, id_: str, inputs: Properties, old: Mapping[str, str], new: Mapping[str, str]) -> None:
        """Change the tags. CloudFront expects lists wrapped in an `Items` object."""
        arn = aws.call("cloudfront", "GetDistribution", Id=id_)["Distribution"]["ARN"]
        if gone := [key for key in old if key not in new]:
            aws.call("cloudfront", "UntagResource", Resource=arn, TagKeys={"Items": gone})
        if fresh := {key: text for key, text in new.items() if old.get(key) != text}:
            aws.call("cloudfront", "TagResource", Resource=arn, Tags=_tags(fresh))


def _tags(tags: Mapping[str, str]) -> dict[str, Any]:
    return {"Items": [{"Key": key, "Value": text} for key, text in tags.items()]}


def _listed(items: Iterable[Any]) -> dict[str, Any]:
    """Return a list in CloudFront's format, with its length."""
    found = list(items)
    return {"Quantity": len(found), "Items": found}


def _renamed(names: Mapping[str, str], given: Mapping[str, Any]) -> dict[str, Any]:
    return {theirs: given[ours] for ours, theirs in names.items() if given.get(ours) is not None}


def _config(inputs: Properties, reference: str) -> dict[str, Any]:
    behavior, certificate = inputs["defaultCacheBehavior"], inputs["viewerCertificate"]
    methods = _listed(behavior["allowedMethods"]) | {"CachedMethods": _listed(behavior["cachedMethods"])}
    restriction = inputs["restrictions"]["geoRestriction"]
    places = list(restriction.get("locations") or ())
    return {
        "Comment": "",
        **_renamed(_CONFIG, inputs),
        "CallerReference": reference,
        "Aliases": _listed(inputs.get("aliases") or ()),
        "Origins": _listed(_origin(each) for each in inputs["origins"]),
        "DefaultCacheBehavior": {**_renamed(_BEHAVIOR, behavior), "AllowedMethods": methods},
        "Restrictions": {
            "GeoRestriction": {
                "RestrictionType": restriction["restrictionType"],
                "Quantity": len(places),
                **({"Items": places} if places else {}),
            }
        },
        "ViewerCertificate": _renamed(_CERTIFICATE, certificate),
        "CustomErrorResponses": _listed(_error(each) for each in inputs.get("customErrorResponses") or ()),
    }


def _error(response: Mapping[str, Any]) -> dict[str, Any]:
    """Return a custom error response. CloudFront has the code of the response as a text, and the others as numbers."""
    return {
        theirs: str(value) if theirs == "ResponseCode" else value
        for theirs, value in _renamed(_ERROR, response).items()
    }


def _origin(origin: Mapping[str, Any]) -> dict[str, Any]:
    config = origin["customOriginConfig"]
    numbers = {"httpPort", "httpsPort", "originKeepaliveTimeout", "originReadTimeout"}
    given = {key: int(value) if key in numbers else value for key, value in config.items() if value is not None}
    headers = [{"HeaderName": each["name"], "HeaderValue": each["value"]} for each in origin.get("customHeaders") or ()]
    return {
        "Id": origin["originId"],
        "DomainName": origin["domainName"],
        "CustomHeaders": _listed(headers),
        "CustomOriginConfig": {
            **_renamed(_ORIGIN, given),
            "OriginSslProtocols": _listed(config["originSslProtocols"]),
        },
        **({"OriginShield": _renamed(_SHIELD, origin["originShield"])} if origin.get("originShield") else {}),
    }


def _state(config: Mapping[str, Any]) -> Properties:
    behavior = config["DefaultCacheBehavior"]
    methods, restriction = behavior["AllowedMethods"], config["Restrictions"]["GeoRestriction"]
    return {
        **{ours: config.get(theirs) for ours, theirs in _CONFIG.items()},
        "aliases": list(config["Aliases"].get("Items") or ()),
        "origins": [_origin_state(each) for each in config["Origins"]["Items"]],
        "defaultCacheBehavior": {
            **{ours: behavior.get(theirs) for ours, theirs in _BEHAVIOR.items()},
            "allowedMethods": methods["Items"],
            "cachedMethods": methods["CachedMethods"]["Items"],
        },
        "restrictions": {
            "geoRestriction": {"restrictionType": restriction["RestrictionType"], "locations": restriction.get("Items")}
        },
        "viewerCertificate": {ours: config["ViewerCertificate"].get(theirs) for ours, theirs in _CERTIFICATE.items()},
        "customErrorResponses": [
            _number({ours: each[theirs] for ours, theirs in _ERROR.items() if theirs in each})
            for each in (config.get("CustomErrorResponses") or {}).get("Items") or ()
        ],
    }


def _number(response: Properties) -> Properties:
    code = response.get("responseCode")
    return {**response, "responseCode": int(code)} if code else response


def _origin_state(origin: Mapping[str, Any]) -> Properties:
    config, shield = origin["CustomOriginConfig"], origin.get("OriginShield") or {}
    return {
        "originId": origin["Id"],
        "domainName": origin["DomainName"],
        "customHeaders": [
            {"name": each["HeaderName"], "value": each["HeaderValue"]}
            for each in (origin.get("CustomHeaders") or {}).get("Items") or ()
        ],
        "customOriginConfig": {
            **{ours: config.get(theirs) for ours, theirs in _ORIGIN.items()},
            "originSslProtocols": config["OriginSslProtocols"]["Items"],
        },
        **({"originShield": {ours: shield.get(theirs) for ours, theirs in _SHIELD.items()}} if shield else {}),
    }


TYPES: tuple[type[Resource], ...] = (Distribution,)
