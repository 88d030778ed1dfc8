"""Jobs in a real PostgreSQL: claims, attempts, and exactly one effect for each job."""

from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from app.core.postgres.database import Database
from app.jobs.store import Claim, JobQuery, JobStore, LostClaimError
from app.settings import Settings
from tests.app.jobs.sql import age, count, expire_claims, fetch, state, submit


async def claimed(store: JobStore, id: UUID) -> Claim:
    claim = await store.claim(id)
    assert claim is not None
    return claim


async def succeed(store: JobStore, claim: Claim) -> None:
    async with store.attempt(claim) as connection:
        await connection.execute("INSERT INTO items (name) VALUES ('effect')")
        await store.succeed(connection, claim, {"done": True})


async def test_a_job_is_created_with_its_row_in_the_outbox(store: JobStore, database: Database) -> None:
    """It has the ids of the request and its trace."""
    id = await submit(store)

    assert [row["job_id"] for row in await fetch(database, "SELECT job_id FROM outbox")] == [id]
    [row] = await fetch(database, "SELECT state, attempts, request_id, traceparent FROM jobs")
    assert row == {"state": "queued", "attempts": 0, "request_id": "request-1", "traceparent": "00-a-b-01"}


async def test_a_job_is_created_in_the_given_transaction(store: JobStore, database: Database) -> None:
    """A rollback leaves neither a job nor a row in the outbox."""

    async def fails() -> None:
        async with database.connection() as connection, connection.transaction():
            await store.create("import-items", {}, connection=connection)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fails()

    assert (await count(database, "jobs"), await count(database, "outbox")) == (0, 0)


async def test_a_claimed_job_cannot_be_claimed_again(store: JobStore) -> None:
    """Its status shows that it is running."""
    id = await submit(store)
    claim = await claimed(store, id)

    assert (claim.attempts, claim.kind, claim.request_id) == (1, "import-items", "request-1")
    assert await store.claim(id) is None
    look = await store.status(id)
    assert look is not None
    assert look.state == "running"
    # Longer than an attempt takes, shorter than the message is hidden.
    assert 30 < look.claimed_seconds <= 45


async def test_a_job_with_an_expired_claim_can_be_claimed(store: JobStore, database: Database) -> None:
    """The first claim can no longer finish the job, fail it or give it back."""
    id = await submit(store)
    first = await claimed(store, id)
    await expire_claims(database)
    second = await claimed(store, id)

    with pytest.raises(LostClaimError):
        await succeed(store, first)
    assert not await store.fail(first, "late", final=True)
    assert not await store.give_back(first)
    await succeed(store, second)
    assert (await state(store, id), await count(database, "items")) == ("succeeded", 1)


async def test_a_failed_attempt_has_no_effect(store: JobStore, database: Database) -> None:
    """The job has the error, cut to 300 characters, and can be claimed again."""
    id = await submit(store)
    claim = await claimed(store, id)

    async def fails() -> None:
        async with store.attempt(claim) as connection:
            await connection.execute("INSERT INTO items (name) VALUES ('effect')")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fails()
    assert await store.fail(claim, "x" * 1000, final=False)

    row = await store.read(id)
    assert row is not None
    assert (row["state"], row["error"], row["finished_at"]) == ("retrying", "x" * 300, None)
    assert await count(database, "items") == 0
    assert (await claimed(store, id)).attempts == 2


async def test_a_final_failure_makes_the_job_dead(store: JobStore) -> None:
    """It cannot be claimed again."""
    id = await submit(store)
    assert await store.fail(await claimed(store, id), "no", final=True)

    row = await store.read(id)
    assert row is not None
    assert row["state"] == "dead"
    assert row["finished_at"] is not None
    assert await store.claim(id) is None


async def test_an_attempt_that_is_given_back_does_not_count(store: JobStore) -> None:
    """So a rollout does not use up attempts."""
    id = await submit(store)
    assert await store.give_back(await claimed(store, id))

    assert await state(store, id) == "retrying"
    assert (await claimed(store, id)).attempts == 1


async def test_success_clears_the_error_of_earlier_attempts(store: JobStore) -> None:
    """The error is that of the last attempt."""
    id = await submit(store)
    await store.fail(await claimed(store, id), "once", final=False)
    await succeed(store, await claimed(store, id))

    row = await store.read(id)
    assert row is not None
    assert (row["state"], row["error"], row["result"], row["attempts"]) == ("succeeded", None, {"done": True}, 2)


async def test_no_job_is_claimed_after_its_last_attempt(store: JobStore, database: Database) -> None:
    """A job that kills its workers becomes dead instead of being retried endlessly."""
    id = await submit(store)
    for _ in range(3):
        await claimed(store, id)
        assert await store.bury_exhausted() == []  # its claim is valid
        await expire_claims(database)

    assert await store.claim(id) is None
    assert [(job["id"], job["attempts"]) for job in await store.bury_exhausted(id)] == [(id, 3)]
    row = await store.read(id)
    assert row is not None
    assert (row["state"], row["error"]) == ("dead", "no attempt came to an end")


async def test_exhausted_jobs_can_be_buried_by_id(store: JobStore, database: Database) -> None:
    """Other exhausted jobs keep their state."""
    ids = [await submit(store), await submit(store)]
    await fetch(database, "UPDATE jobs SET attempts = 3")

    assert [job["id"] for job in await store.bury_exhausted(ids[0])] == [ids[0]]
    assert await state(store, ids[1]) == "queued"


async def test_a_job_without_progress_is_sent_again_once(store: JobStore, database: Database) -> None:
    """Not while its row is in the outbox, and not twice in a row."""
    await submit(store)
    await age(database, 301)
    assert await store.resend(900) == 0
    await fetch(database, "DELETE FROM outbox")

    assert await store.resend(900) == 1
    await fetch(database, "DELETE FROM outbox")
    assert await store.resend(900) == 0


async def test_a_new_running_or_finished_job_is_not_sent_again(store: JobStore, database: Database) -> None:
    """A running job is sent again once its claim has expired."""
    await submit(store)
    running, finished = await submit(store), await submit(store)
    await claimed(store, running)
    await succeed(store, await claimed(store, finished))
    await fetch(database, "DELETE FROM outbox")
    assert await store.resend(900) == 0
    await age(database, 301)
    await fetch(database, "DELETE FROM jobs WHERE state = 'queued'")

    assert await store.resend(900) == 0
    await expire_claims(database)
    assert await store.resend(900) == 1


async def test_a_pause_between_attempts_delays_the_resend(database_url: str, database: Database) -> None:
    """The pause may be longer than JOB_RESEND_SECONDS."""
    store = JobStore(database, Settings(database_url=database_url, job_backoff_seconds=600, job_resend_seconds=300))
    id = await submit(store)
    await store.fail(await claimed(store, id), "once", final=False)
    await fetch(database, "DELETE FROM outbox")

    await age(database, 850)
    assert await store.resend(900) == 0
    await age(database, 950)
    assert await store.resend(900) == 1


async def test_jobs_are_listed_newest_first(store: JobStore) -> None:
    """Also filtered by kind and state, and from the end of an earlier page."""
    first, second, third = [await submit(store) for _ in range(3)]
    other = await submit(store, "notify-user", {"user_id": 1, "message": "hi"})
    await claimed(store, second)

    async def ids(**query: Any) -> list[UUID]:
        return [row["id"] for row in await store.page(JobQuery(**{"limit": 10, **query}))]

    assert await ids() == [other, third, second, first]
    assert await ids(limit=2) == [other, third]
    assert await ids(kind="import-items", state="queued") == [third, first]
    row = await store.read(third)
    assert row is not None
    assert await ids(after=(row["created_at"], third)) == [second, first]


async def test_an_unknown_job_cannot_be_read_or_claimed(store: JobStore) -> None:
    """The results are None."""
    id = uuid4()

    assert (await store.read(id), await store.status(id), await store.claim(id)) == (None, None, None)


WORKERS = 3
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["deliver", "finish", "finish", "fail", "crash", "crash inside", "give back", "expire"]),
        st.integers(0, WORKERS - 1),
    ),
    max_size=25,
)


@given(steps=STEPS)
@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
async def test_any_history_has_exactly_one_effect(
    database: Database, settings: Settings, steps: list[tuple[str, int]]
) -> None:
    """For any order of deliveries, duplicates, failures, crashes, expired claims and late workers."""
    await fetch(database, "TRUNCATE jobs, outbox, items")
    store = JobStore(database, settings.model_copy(update={"job_max_attempts": 100}))
    id = await submit(store)
    held: dict[int, Claim] = {}

    async def finish(claim: Claim) -> None:
        with suppress(LostClaimError):
            await succeed(store, claim)

    async def crash_inside(claim: Claim) -> None:
        async with store.attempt(claim) as connection:
            await connection.execute("INSERT INTO items (name) VALUES ('effect')")
            raise ZeroDivisionError

    for step, worker in steps:
        if step == "deliver":
            claim = await store.claim(id)
            if claim is not None:
                held[worker] = claim
        elif step == "expire":
            await expire_claims(database)
        elif worker in held:
            claim = held.pop(worker)
            if step == "finish":
                await finish(claim)
            elif step == "fail":
                await store.fail(claim, "no", final=False)
            elif step == "give back":
                await store.give_back(claim)
            elif step == "crash inside":
                with pytest.raises((ZeroDivisionError, LostClaimError)):
                    await crash_inside(claim)
        assert await count(database, "items") == (1 if await state(store, id) == "succeeded" else 0)

    # The queue delivers the message again, so the job is done in the end.
    await expire_claims(database)
    last = await store.claim(id)
    if last is not None:
        await succeed(store, last)
    for claim in held.values():
        await finish(claim)
    assert (await state(store, id), await count(database, "items")) == ("succeeded", 1)
