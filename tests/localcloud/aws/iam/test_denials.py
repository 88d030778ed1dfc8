"""The record of what was denied."""

from localcloud.aws.iam.denials import MOST, Denial, Denials


def denial(action: str) -> Denial:
    return Denial(role="arn:aws:iam::123456789012:role/r", action=action, resource="*", reason="because")


def test_it_is_bounded() -> None:
    """Beyond the bound only the number is kept; what is known goes on being counted."""
    denials = Denials()
    for number in range(MOST + 5):
        denials.note(denial(f"sqs:{number}"), lambda: True)
    denials.note(denial("sqs:0"), lambda: True)

    told = denials.told()

    assert (len(told["denials"]), told["dropped"]) == (MOST, 5)
    assert {each["action"]: each["count"] for each in told["denials"]}["sqs:0"] == 2


def test_what_would_be_allowed_now_is_forgotten() -> None:
    """And makes room."""
    denials = Denials()
    still = {"a": True, "b": True}
    denials.note(denial("a"), lambda: still["a"])
    denials.note(denial("b"), lambda: still["b"])
    still["a"] = False

    assert [each["action"] for each in denials.told()["denials"]] == ["b"]
