"""The record of denied requests."""

from localcloud.aws.iam.denials import MOST, Denial, Denials


def denial(action: str) -> Denial:
    return Denial(role="arn:aws:iam::123456789012:role/r", action=action, resource="*", reason="because")


def test_the_record_is_bounded() -> None:
    """Beyond the bound, only the number of new entries is kept; known entries are still counted."""
    denials = Denials()
    for number in range(MOST + 5):
        denials.note(denial(f"sqs:{number}"), lambda: True)
    denials.note(denial("sqs:0"), lambda: True)

    told = denials.told()

    assert (len(told["denials"]), told["dropped"]) == (MOST, 5)
    assert {each["action"]: each["count"] for each in told["denials"]}["sqs:0"] == 2


def test_removes_denials_that_would_be_allowed_now() -> None:
    """There is room for new entries afterwards."""
    denials = Denials()
    still = {"a": True, "b": True}
    denials.note(denial("a"), lambda: still["a"])
    denials.note(denial("b"), lambda: still["b"])
    still["a"] = False

    assert [each["action"] for each in denials.told()["denials"]] == ["b"]
