"""Verification of tokens of `aws eks get-token`. Real: signatures by botocore."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localcloud.aws.tokens.presigned import TokenError, is_signed_by, parse
from tests.support.eks_tokens import PREFIX, get_token

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
KEY, SECRET = "ASIAEXAMPLE", "secret"


def changed(token: str, change: Callable[[str], str]) -> str:
    encoded = token.removeprefix(PREFIX)
    url = urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode()
    return PREFIX + urlsafe_b64encode(change(url).encode()).decode().rstrip("=")


TOKEN = get_token("dev", KEY, SECRET, "session", at=NOW)


def test_a_token_has_the_access_key_that_signed_it() -> None:
    found = parse(TOKEN, NOW)

    assert (found.access_key_id, found.region, found.session_token) == (KEY, "eu-central-1", "session")
    assert is_signed_by(found, SECRET, "dev")


@pytest.mark.parametrize(("secret", "cluster"), [("other", "dev"), (SECRET, "prod"), (SECRET, "")])
def test_a_token_is_valid_for_one_key_and_one_cluster(secret: str, cluster: str) -> None:
    assert not is_signed_by(parse(TOKEN, NOW), secret, cluster)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda url: url.replace("GetCallerIdentity", "GetSessionToken"), "not one for GetCallerIdentity"),
        (lambda url: url.replace("amazonaws.com/", "amazonaws.com/other"), "not one of STS"),
        (lambda url: url.replace("https", "file"), "not one of STS"),
        (lambda url: url + "&RoleArn=a", "not allowed"),
        (lambda url: url + "&X-Amz-Expires=60", "twice"),
        (lambda url: url.replace("x-k8s-aws-id", "x-other"), "x-k8s-aws-id is not signed"),
        (lambda url: url.replace("%2Fsts%2F", "%2Fs3%2F"), "not one for STS"),
        (lambda url: url.replace("X-Amz-Expires=60", "X-Amz-Expires=901"), "at most 900"),
        (lambda url: url.replace("X-Amz-Expires=60", "X-Amz-Expires=x"), "is missing or invalid"),
        (lambda url: url.replace("&X-Amz-Date=20261128T120000Z", ""), "is missing or invalid"),
        (lambda _: "", "not a presigned URL"),
        (lambda _: "\x00\xff", "not a presigned URL"),
    ],
)
def test_refuses_another_request(change: Callable[[str], str], reason: str) -> None:
    with pytest.raises(TokenError, match=reason):
        parse(changed(TOKEN, change), NOW)


@pytest.mark.parametrize("token", ["", "Bearer", PREFIX, PREFIX + "%%%", PREFIX + "é", "k8s-aws-v2." + TOKEN])
def test_refuses_text_that_is_not_a_token(token: str) -> None:
    with pytest.raises(TokenError):
        parse(token, NOW)


@pytest.mark.parametrize(("minutes", "valid"), [(-16, False), (-14, True), (14, True), (16, False)])
def test_a_token_is_valid_for_15_minutes(minutes: int, valid: bool) -> None:
    """It is also valid before its time, for a clock that is late."""
    now = NOW + timedelta(minutes=minutes)
    if valid:
        assert parse(TOKEN, now).date == "20261128T120000Z"
    else:
        with pytest.raises(TokenError, match="valid for 15 minutes"):
            parse(TOKEN, now)


@settings(deadline=None, max_examples=200)
@given(st.integers(0, len(TOKEN) - 1), st.sampled_from("ABCxyz019-_"))
def test_a_changed_token_is_never_valid(at: int, letter: str) -> None:
    """Any character may change, except where the bytes of the request stay the same."""
    other = TOKEN[:at] + letter + TOKEN[at + 1 :]
    try:
        found = parse(other, NOW)
    except TokenError:
        return
    assert is_signed_by(found, SECRET, "dev") == (changed(other, str) == TOKEN)
