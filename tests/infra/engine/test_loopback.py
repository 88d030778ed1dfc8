"""What keeps requests to this machine from going through a proxy."""

import urllib.request

from hypothesis import example, given
from hypothesis import strategies as st

from infra.engine.loopback import no_proxy

ENTRIES = st.lists(
    st.sampled_from(["example.org", ".corp", "10.0.0.0/8", "localhost", " spaced ", "", "*"]), max_size=4
)
HOSTS = st.lists(st.sampled_from(["127.0.0.1", "127.7.0.2", "db.local"]), max_size=3)


@given(upper=ENTRIES, lower=ENTRIES, grpc=ENTRIES, hosts=HOSTS)
@example(upper=[], lower=[], grpc=[], hosts=[])
def test_loopback_and_what_the_user_excludes(
    upper: list[str], lower: list[str], grpc: list[str], hosts: list[str]
) -> None:
    """Every spelling excludes all of it, once; `*` stays alone, since curl reads it only so."""
    given_ = {"NO_PROXY": ",".join(upper), "no_proxy": ",".join(lower), "no_grpc_proxy": ",".join(grpc)}
    found = no_proxy(given_, hosts)
    values = set(found.values())
    entries = values.pop().split(",")

    assert not values, "all spellings say the same"
    assert set(found) - {"no_grpc_proxy"} == {"NO_PROXY", "no_proxy"}
    assert ("no_grpc_proxy" in found) == bool(given_["no_grpc_proxy"])
    wanted = {entry.strip() for entry in [*upper, *lower, *grpc] if entry.strip()}
    if "*" in wanted:
        assert entries == ["*"]
    else:
        assert set(entries) == {*wanted, *hosts, "127.0.0.1", "localhost"}
        assert len(entries) == len(set(entries))
    assert no_proxy({**given_, **found}, hosts) == found, "set twice it is the same"


def test_a_standard_client_believes_it() -> None:
    """Python's own reading of the variable, which others share."""
    found = no_proxy({"NO_PROXY": ".corp"}, ["127.7.0.2"])
    proxies = {"no": found["no_proxy"]}

    for host in ("127.0.0.1:8080", "localhost:1", "127.7.0.2", "git.corp"):
        assert urllib.request.proxy_bypass_environment(host, proxies)
    assert not urllib.request.proxy_bypass_environment("example.org", proxies)
