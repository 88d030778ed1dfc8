"""Pure functions of the node: addresses, back-off, paths, probes, quantities."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.cluster.addresses import PodAddresses, loopback_of
from localcloud.cluster.quantities import divide, parse
from localcloud.node.backoff import CrashBackoff, restarts
from localcloud.node.probes import Probe, Verdict
from localcloud.node.relocation import relocate


def test_addresses_are_unique_and_not_reused_soon() -> None:
    """A released address may still be in an EndpointSlice."""
    addresses = PodAddresses(244)
    first = addresses.allocate()
    addresses.release(first)
    following = [addresses.allocate() for _ in range(600)]

    assert first == "10.244.0.1"
    assert first not in following
    assert len(set(following)) == 600
    assert not any(address.endswith((".0", ".255")) for address in following)


def test_reserves_the_addresses_of_running_pods() -> None:
    """After a restart of the agent, new pods get the following addresses."""
    addresses = PodAddresses(244)

    assert addresses.reserve("10.244.0.7")
    assert not addresses.reserve("10.244.0.7")
    assert not addresses.reserve("10.245.0.8")
    assert not addresses.reserve("")
    assert addresses.allocate() == "10.244.0.8"


def test_pod_addresses_map_to_loopback() -> None:
    """Only the first octet changes."""
    assert loopback_of("10.244.3.9") == "127.244.3.9"


def test_crash_back_off_doubles_to_five_minutes() -> None:
    """The delays are those of the kubelet; ten minutes without a crash reset them."""
    backoff = CrashBackoff()

    assert [backoff.after(1) for _ in range(8)] == [0, 10, 20, 40, 80, 160, 300, 300]
    assert backoff.after(600) == 0
    assert backoff.after(1) == 10


@pytest.mark.parametrize(
    ("policy", "code", "expected"),
    [("Always", 0, True), ("OnFailure", 0, False), ("OnFailure", 1, True), ("Never", 1, False)],
)
def test_the_restart_policy_decides_on_restarts(policy: str, code: int, expected: bool) -> None:
    """It depends on the policy and the exit code."""
    assert restarts(policy, code) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("/etc/app", "/pod/config"),
        ("/etc/app/x.yaml", "/pod/config/x.yaml"),
        ("/etc/app/secrets/pw", "/pod/secrets/pw"),
        ("--config=/etc/app/x.yaml", "--config=/pod/config/x.yaml"),
        ("/etc/application", "/etc/application"),
        ("see /etc/app", "see /etc/app"),
        ("", ""),
    ],
)
def test_paths_below_a_mount_are_relocated(value: str, expected: str) -> None:
    """The longest mount path is used; a path with a similar prefix is not changed."""
    assert relocate(value, {"/etc/app": "/pod/config", "/etc/app/secrets": "/pod/secrets"}) == expected


@given(st.lists(st.booleans(), max_size=30), st.integers(1, 4), st.integers(1, 4))
def test_a_probe_decides_at_its_threshold(answers: list[bool], successes: int, failures: int) -> None:
    """It needs as many equal results in a row as the threshold."""
    probe = Probe.of({"successThreshold": successes, "failureThreshold": failures})
    verdict = Verdict(probe)

    for index, answer in enumerate(answers):
        _, last = next(iter(itertools.groupby(reversed(answers[: index + 1]))))
        _, last = next(iter(itertools.groupby(reversed(answers[: index + 1]))))
        row = len(list(last))
        assert verdict.record(answer) == (answer if row >= (successes if answer else failures) else None)


def test_probe_defaults_are_those_of_the_api() -> None:
    """They apply to fields that a manifest omits."""
    probe = Probe.of({})

    assert (probe.initial_delay, probe.period, probe.timeout) == (0, 10, 1)
    assert (probe.success_threshold, probe.failure_threshold) == (1, 3)


@pytest.mark.parametrize(
    ("quantity", "value"), [("250m", "0.25"), ("1Gi", "1073741824"), ("2", "2"), ("1k", "1000"), ("3M", "3000000")]
)
def test_parses_quantities(quantity: str, value: str) -> None:
    """Suffixes are decimal or binary."""
    assert str(parse(quantity).normalize().__format__("f")) == value


def test_divided_quantities_are_rounded_up() -> None:
    """This is the rule of resourceFieldRef."""
    assert divide("100m", "1") == "1"
    assert divide("1Gi", "0") == "1073741824"
