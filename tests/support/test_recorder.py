"""The recorder: what it records, and failures of wrong expectations."""

import pulumi
import pytest
from pulumi_aws.kms import Key

from tests.support.recorder import record


class _Pair(pulumi.ComponentResource):
    def __init__(self, name: str, *, protect: bool = False) -> None:
        super().__init__("drydock:test:Pair", name, None, None)
        first = Key(f"{name}-first", description="one", opts=pulumi.ResourceOptions(parent=self, protect=protect))
        Key(
            f"{name}-second",
            description=first.arn,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[first],
                ignore_changes=["description"],
                delete_before_replace=True,
                aliases=[pulumi.Alias(name="old")],
                custom_timeouts=pulumi.CustomTimeouts(create="5m"),
            ),
        )
        self.register_outputs({"arn": first.arn, "word": pulumi.Output.secret("hunter2")})


def test_records_inputs_parents_and_options() -> None:
    """And aliases, timeouts and dependencies."""
    recording = record(lambda: _Pair("pair", protect=True) and None)

    first, second = recording.all("aws:kms/key:Key")
    pair = recording.only("drydock:test:Pair")
    assert first.inputs == {"description": "one"}
    assert first.parent == second.parent == pair.urn
    assert [key.name for key in recording.children("pair")] == ["pair-first", "pair-second"]
    assert (first.protect, second.protect) == (True, False)
    assert first.urn in second.depends_on
    assert second.ignore_changes == ("description",)
    assert second.delete_before_replace
    assert second.aliases == ("old",)
    assert second.create_timeout == "5m"


def test_records_registered_outputs_and_whether_they_are_secret() -> None:
    """By the URN of the component."""
    recording = record(lambda: _Pair("pair") and None)

    urn = recording.only("drydock:test:Pair").urn
    assert set(recording.outputs(urn)) == {"arn", "word"}
    assert recording.secret_outputs[urn] == {"word"}


def test_failed_assertion_in_an_apply_is_raised() -> None:
    """It would be lost in a plain test with mocks."""

    def program() -> None:
        def check(value: str) -> None:
            assert value == "something else"

        pulumi.Output.from_input("known").apply(check)

    with pytest.raises(AssertionError, match="something else"):
        record(program)


def test_error_in_the_program_is_raised() -> None:
    """Its type is that of the program's exception."""

    def program() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        record(program)


def test_only_fails_for_none_and_for_several_resources() -> None:
    """The message has the number and the type."""
    recording = record(lambda: _Pair("pair") and None)

    with pytest.raises(AssertionError, match="2 of aws:kms/key:Key"):
        recording.only("aws:kms/key:Key")
    with pytest.raises(AssertionError, match="0 of aws:s3/bucket:Bucket"):
        recording.only("aws:s3/bucket:Bucket")


def test_recordings_are_independent() -> None:
    """Each recording starts empty."""
    record(lambda: _Pair("one") and None)
    recording = record(lambda: _Pair("two") and None)

    assert recording.names("aws:kms/key:Key") == ["two-first", "two-second"]


def test_call_of_an_unknown_provider_function_fails() -> None:
    """Every function that the program calls needs an answer in the tests."""
    with pytest.raises(Exception, match="getRegion"):
        record(lambda: pulumi.runtime.invoke("aws:index/getRegion:getRegion", {}).value)
