"""A preview refuses each case of `tests/aws_refusals/`, except those of `needs_account.toml`."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from localcloud.aws import preview
from localcloud.aws.catalog import resource_types
from localcloud.aws.provider import AwsProvider
from localcloud.protocol.servicer import ProviderError, Target
from localcloud.protocol.values import UNKNOWN
from tests.support.refusals import Case, Inputs, cases, resolved

NEEDS_ACCOUNT = Path(__file__).with_name("needs_account.toml")
# Ids in the form that AWS assigns. The id of other types is their name.
IDS = {
    "aws:acm/certificate:Certificate": "arn:aws:acm:eu-central-1:123456789012:certificate/1",
    "aws:kms/key:Key": "12345678-1234-1234-1234-123456789012",
    "aws:lb/loadBalancer:LoadBalancer": "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/a/b",
    "aws:wafv2/webAcl:WebAcl": "12345678-1234-1234-1234-123456789012",
}
CASES = [case for case in cases() if not case.delete]


class Known(dict[str, Any]):
    """Outputs of a resource that a preview knows. All others are unknown."""

    def __missing__(self, output: str) -> str:
        return UNKNOWN


class Previewed:
    """Previews the requests of a case, with the required resources created before in the same preview."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.provider = AwsProvider("123456789012", "eu-central-1", None)
        self.provider.configure({"region": "eu-central-1", "defaultTags": '{"tags": {"Environment": "test"}}'})
        self.outputs: dict[str, Mapping[str, Any]] = {}
        for given in case.given:
            self.outputs[given.name] = Known(self.create(given.type, given.name, given.inputs))

    def refusal(self) -> str:
        """Return the message of the refusal, or "" if the preview accepts the request."""
        return self._send(self.case.refused)

    def refusal_of_the_valid_request(self) -> str:
        """Return the message of a wrong refusal of the counter-case, or ""."""
        return self._send(self.case.accepted)

    def create(self, type_: str, name: str, inputs: Inputs) -> Mapping[str, Any]:
        target = Target(urn=f"urn:pulumi:test::drydock::{type_}::{name}", type=type_, name=name)
        checked = self.provider.check(target, {}, resolved(inputs, self.outputs))
        return self.provider.create(target, checked, preview=True)[1]

    def _send(self, inputs: Inputs) -> str:
        try:
            if self.case.update is None:
                self.create(self.case.type, "self", inputs)
            else:
                self._update(inputs)
        except ProviderError as error:
            return str(error)
        return ""

    def _update(self, inputs: Inputs) -> None:
        type_ = self.case.type
        target = Target(urn=f"urn:pulumi:test::drydock::{type_}::self", type=type_, name="self")
        old = self.provider.check(target, {}, resolved(self.case.inputs, self.outputs))
        new = self.provider.check(target, old, resolved(inputs, self.outputs))
        named = (
            f"cluster:{old['addonName']}" if "addonName" in old else old.get(resource_types()[type_].autoname, UNKNOWN)
        )
        self.provider.update(target, IDS.get(type_, named), old, old, new, preview=True)


@cache
def needing_the_account() -> Mapping[str, str]:
    """Return the id of each listed case -> the reason."""
    groups = tomllib.loads(NEEDS_ACCOUNT.read_text(encoding="utf-8"))["group"]
    return {case: group["reason"] for group in groups for case in group["cases"]}


def test_the_list_has_known_cases_each_once() -> None:
    listed = [
        case for group in tomllib.loads(NEEDS_ACCOUNT.read_text(encoding="utf-8"))["group"] for case in group["cases"]
    ]
    assert len(listed) == len(set(listed))
    assert set(listed) <= {case.id for case in CASES}


@pytest.mark.parametrize("file", sorted({case.file for case in CASES}))
def test_a_preview_refuses_every_case_that_does_not_need_the_account(file: str) -> None:
    """With the code and the path of the case. A listed case that is refused must be removed from the list."""
    wrong = {}
    for case in (case for case in CASES if case.file == file):
        said = Previewed(case).refusal()
        if case.id in needing_the_account():
            fault = said and "a preview refuses it now: remove it from needs_account.toml"
        else:
            right = f"was refused with {case.code}: " in said and case.message in said
            right &= not case.path or f"; at {case.path};" in said
            fault = "" if right else said or "a preview accepts it"
        wrong |= {case.id: fault} if fault else {}
    assert wrong == {}


def test_the_remedy_of_a_preview_is_in_the_program() -> None:
    """Without an account, no remedy is to refresh, or to delete something from it."""
    said = {case.id: Previewed(case).refusal() for case in CASES}
    elsewhere = ("run refresh", "another resource has that name", "another resource still uses it")

    assert [id_ for id_, text in said.items() if any(part in text for part in elsewhere)] == []
    assert said["rds_settings: certificate authority that does not exist"].endswith(
        "(correct the value in the settings or in the program; accepted: rds-ca-ecc384-g1, rds-ca-rsa2048-g1, rds-ca-"
        "rsa4096-g1; at caCertIdentifier; rule: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html)"
    )


@pytest.mark.parametrize("file", sorted({case.file for case in CASES}))
def test_a_preview_accepts_the_nearest_valid_request(file: str) -> None:
    """And follows its requests to the end."""
    preview.unchecked.clear()

    wrong = {
        case.id: said
        for case in CASES
        if case.file == file and (said := Previewed(case).refusal_of_the_valid_request())
    }

    assert wrong == {}
    assert not preview.unchecked
