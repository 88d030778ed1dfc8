"""Checks of the service's domain, its certificate and CloudFront."""

from collections.abc import Iterator

from infra.preflight.finding import Ask, Finding, Wanted, judged, listed
from localcloud.aws.prefix_lists import ORIGIN_FACING
from stacks.settings.edge import HTTPS_PORT


def zone(wanted: Wanted, ask: Ask) -> Iterator[Finding]:
    """Check that the Route 53 zone exists and is public, which certificate validation and the alias record require.

    https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
    """
    edge = wanted.settings.edge
    name = edge.hosted_zone
    if not name:
        return
    answer = ask("route53", "ListHostedZonesByName", DNSName=name)
    zones = [each for each in listed(answer, "HostedZones") if each["Name"].rstrip(".") == name]
    public = [each for each in zones if not (each.get("Config") or {}).get("PrivateZone")]
    found = "public" if public else "private only" if zones else "not in this account"
    yield judged(
        "domain",
        f"zone {name}: {found}",
        f"a public hosted zone in Route 53 that {edge.domain} is in",
        f"create the zone and delegate {name} to its name servers, or set edge.domain to a name in a zone of yours",
        ok=bool(public),
    )


def certificate(wanted: Wanted, ask: Ask) -> Iterator[Finding]:
    """Check that a configured certificate is issued and covers the domain; the settings check its region."""
    edge = wanted.settings.edge
    if not edge.certificate_arn:
        return
    answer = ask("acm", "DescribeCertificate", CertificateArn=edge.certificate_arn).get("Certificate") or {}
    names = [*listed(answer, "SubjectAlternativeNames"), answer.get("DomainName", "")]
    fits = not edge.domain or any(covers(str(each), edge.domain) for each in names)
    status = str(answer.get("Status", "not in this account"))
    of = f", for {', '.join(dict.fromkeys(filter(None, names)))}" if answer else ""
    yield judged(
        "certificate",
        f"{edge.certificate_arn}: {status}{of}",
        f"an ISSUED certificate of this account for {edge.domain or 'any name'}",
        "wait until it is issued, name another one in edge.certificateArn, or leave it out: the domain gets its own",
        ok=status == "ISSUED" and fits,
    )


def cloudfront(wanted: Wanted, ask: Ask) -> Iterator[Finding]:
    """Check that the region has the prefix list of CloudFront, and that the HTTPS port is that of CloudFront.

    https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html
    """
    edge = wanted.settings.edge
    if not edge.cloudfront:
        return
    answer = ask("ec2", "DescribeManagedPrefixLists", Filters=[{"Name": "prefix-list-name", "Values": [ORIGIN_FACING]}])
    found = [str(each["PrefixListId"]) for each in listed(answer, "PrefixLists")]
    yield judged(
        "CloudFront",
        f"{', '.join(found) or 'no prefix list'} in {wanted.settings.region}, edge.httpsPort {edge.https_port}",
        f"the prefix list {ORIGIN_FACING}, edge.httpsPort {HTTPS_PORT}",
        f"set edge.httpsPort to {HTTPS_PORT}, which the URL of the stack has, or leave edge.cloudfront out",
        ok=bool(found) and edge.https_port == HTTPS_PORT,
    )


def covers(name: str, domain: str) -> bool:
    """Return whether the name of a certificate covers a domain; a wildcard matches exactly one label.

    https://www.rfc-editor.org/rfc/rfc6125#section-6.4.3
    """
    first, _, rest = domain.partition(".")
    return name == domain or (bool(first) and name == f"*.{rest}")
