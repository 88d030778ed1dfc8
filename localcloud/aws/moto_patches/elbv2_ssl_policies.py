"""moto refuses the security policies of listeners that its table lacks, such as those with FIPS. They get no ciphers.

Upstream in 2026-11: not reported.
"""

from moto.elbv2.ssl_policies import SSL_POLICIES

from localcloud.aws.moto_patches.patch import Changes, Patch
from localcloud.aws.specifications.security_policies import SECURITY_POLICIES


def apply(changes: Changes) -> None:
    """Patch moto."""
    for name in sorted(SECURITY_POLICIES):
        changes.put_item(SSL_POLICIES, name, {"name": name, "ciphers": [], "ssl_protocols": []})


PATCH = Patch(name="elbv2_ssl_policies", apply=apply)
