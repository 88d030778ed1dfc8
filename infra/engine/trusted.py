"""Variables that make the tools of a shell trust the local authority, in addition to their other authorities."""

import re
import ssl
from collections.abc import Iterable, Mapping
from pathlib import Path

from localcloud.cloud import Cloud
from localcloud.files import write_private

BUNDLE_FILE = "bundle.pem"
REPLACING = ("CURL_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
"""Each names a file that replaces the tool's own roots: curl; OpenSSL, Python's ssl, httpx and Go; requests.

https://everything.curl.dev/usingcurl/tls/verify.html, https://docs.openssl.org/3.0/man7/openssl-env/,
https://requests.readthedocs.io/en/latest/user/advanced/#ssl-cert-verification
"""
ADDING = "NODE_EXTRA_CA_CERTS"
"""Names a file whose roots are added to Node.js' own: https://nodejs.org/api/cli.html#node_extra_ca_certsfile."""
SYSTEM_ROOTS = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")
"""Files of the public roots in Debian, Fedora, Alpine and macOS; the first existing one is used."""
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


def trust(cloud: Cloud, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables by name, and write the bundle that they name next to the authority's certificate.

    It contains the authority, and the roots that the user's variables name, else those of the system. Node.js reads
    only one additional file, so the user's file for it is in the bundle too.
    """
    authority = Path(cloud.authority)
    if not cloud.authority or not authority.exists():
        return {}
    replaced = _files(environment.get(name, "") for name in REPLACING) or _files(system_roots())
    sources = [authority, *replaced, *_files([environment.get(ADDING, "")])]
    found = (text for path in sources for text in _CERTIFICATE.findall(path.read_text(encoding="utf-8")))
    bundle = authority.with_name(BUNDLE_FILE)
    write_private(bundle, "\n".join(dict.fromkeys(found)) + "\n")
    return dict.fromkeys((*REPLACING, ADDING), str(bundle))


def system_roots() -> list[str]:
    """Return the file of the public roots that this machine trusts; empty if there is none."""
    # The compiled-in path: the variable of that name may be the one being computed.
    places = (ssl.get_default_verify_paths().openssl_cafile, *SYSTEM_ROOTS)
    return [place for place in places if Path(place).is_file()][:1]


def _files(names: Iterable[str]) -> list[Path]:
    return [Path(name) for name in names if name and Path(name).is_file()]
