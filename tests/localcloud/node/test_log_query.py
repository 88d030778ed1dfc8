"""Parameters of `kubectl logs`, compared with a model that knows the time of each line."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localcloud.node import log_times
from localcloud.node.log_query import LogQuery, QueryError
from localcloud.node.logs import LogFile

NOW = 1_800_000_000.0
# A chunk of a log: complete lines, and the seconds before they were written.
CHUNKS = st.lists(
    st.tuples(
        st.lists(
            st.binary(max_size=6).map(lambda b: b.replace(b"\n", b"").replace(b"\r", b"")), min_size=1, max_size=4
        ),
        st.integers(1, 50),
    ),
    max_size=6,
)


@settings(deadline=None)
@given(
    chunks=CHUNKS,
    tail=st.none() | st.integers(0, 30),
    limit=st.none() | st.integers(1, 200),
    since=st.none() | st.integers(1, 400),
    timestamps=st.booleans(),
)
def test_selects_lines_as_the_kubelet_does(
    chunks: list[tuple[list[bytes], int]], tail: int | None, limit: int | None, since: int | None, timestamps: bool
) -> None:
    """It takes the last lines, of these the recent ones, adds their times, and cuts the result to the first bytes."""
    content, times, model = b"", [], []
    written = NOW - 300
    for lines, seconds in chunks:
        written += seconds
        content += b"".join(line + b"\n" for line in lines)
        times.append((len(content), written))
        model += [(line + b"\n", written) for line in lines]
    asked = {"tailLines": tail, "limitBytes": limit, "sinceSeconds": since, "timestamps": str(timestamps).lower()}
    query = LogQuery.of({name: str(value) for name, value in asked.items() if value is not None}, NOW)

    kept = model[max(0, len(model) - tail) :] if tail is not None else model
    kept = [(line, time) for line, time in kept if since is None or time >= NOW - since]
    stamps = (datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f000Z ").encode() for _, time in kept)
    whole = b"".join((stamp if timestamps else b"") + line for stamp, (line, _) in zip(stamps, kept, strict=True))
    assert query.select(content, times or [(0, NOW)]) == whole[:limit]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"tailLines": "-1"}, "tailLines: '-1' is not a whole number of at least 0"),
        ({"limitBytes": "0"}, "limitBytes: '0'"),
        ({"sinceSeconds": "1.5"}, "sinceSeconds: '1.5'"),
        ({"sinceTime": "yesterday"}, "sinceTime: 'yesterday' is not a time"),
        ({"sinceTime": "2026-01-31T12:00:00"}, "sinceTime"),
        ({"timestamps": "yes"}, "timestamps: 'yes' is neither true nor false"),
        ({"stream": "Stderr"}, "stream: only All"),
        ({"colour": "blue"}, "colour is not supported"),
    ],
)
def test_refuses_unknown_parameters(query: dict[str, str], said: str) -> None:
    """The message names the parameter, which is not ignored."""
    with pytest.raises(QueryError) as refused:
        LogQuery.of(query, NOW)
    assert said in str(refused.value)


def test_accepts_a_time_with_a_zone() -> None:
    """Both forms of RFC 3339 are accepted."""
    assert LogQuery.of({"sinceTime": "2027-01-15T08:00:00Z"}, 0).since == NOW
    assert LogQuery.of({"sinceTime": "2027-01-15T09:00:00+01:00"}, 0).since == NOW


def test_times_follow_a_cut_and_a_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The remaining lines keep their times; the log of the previous run has its own."""
    monkeypatch.setattr("localcloud.node.logs.MAX_BYTES", 20)
    monkeypatch.setattr("localcloud.node.logs.KEPT_BYTES", 15)
    clock = [NOW]
    monkeypatch.setattr("localcloud.node.logs.time.time", lambda: clock[0])
    log = LogFile(tmp_path, "shop", "web", "app")
    with os.fdopen(log.open(), "wb", buffering=0) as file:
        for line in (b"first\n", b"second\n", b"third\n", b"fourth\n"):
            clock[0] += 10
            file.write(line)
            log.note()
        log.bound()
        clock[0] += 10
        file.write(b"fifth\n")
        log.note()

    times = log_times.read(log.path)
    content = log.path.read_bytes()
    assert content == b"third\nfourth\nfifth\n"
    assert [log_times.at(times, content.index(word)) - NOW for word in (b"third", b"fourth", b"fifth")] == [30, 40, 50]
    log.open()
    assert log_times.read(log.previous)[: len(times)] == times
    log.remove()
    assert list(log.path.parent.iterdir()) == []
