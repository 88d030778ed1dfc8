"""The sweeper finds lost and exhausted jobs, and deletes old ones."""

from structlog.testing import capture_logs

from app.core.postgres.database import Database
from app.jobs.store import JobStore
from app.jobs.sweeper import INTERVAL_SECONDS, Sweeper
from tests.app.jobs.sql import age, count, expire_claims, fetch, state, submit


async def test_resends_a_job_without_progress_and_buries_an_exhausted_one(store: JobStore, database: Database) -> None:
    """In one sweep; dead jobs are reported."""
    silent, hopeless = await submit(store), await submit(store)
    for _ in range(3):
        await store.claim(hopeless)
        await expire_claims(database)
    await fetch(database, "DELETE FROM outbox")
    await age(database, 301)
    dead: list[object] = []

    sweeper = Sweeper(store, lambda jobs: dead.extend(job["id"] for job in jobs))
    assert await sweeper.sweep() == INTERVAL_SECONDS

    assert (dead, await state(store, hopeless), await state(store, silent)) == ([hopeless], "dead", "queued")
    assert await count(database, "outbox") == 1


async def test_a_sweep_without_such_jobs_logs_nothing(store: JobStore) -> None:
    """A new job is not changed."""
    await submit(store)
    with capture_logs() as logs:
        await Sweeper(store, lambda jobs: None).sweep()

    assert logs == []


async def test_deletes_jobs_that_ended_over_a_month_ago(store: JobStore, database: Database) -> None:
    """Jobs within the window of the service level and unfinished jobs stay."""
    old, recent, unfinished = await submit(store), await submit(store), await submit(store)
    end = "UPDATE jobs SET state = 'succeeded', finished_at = now() - make_interval(days => %(days)s) WHERE id = %(id)s"
    await fetch(database, end, id=old, days=32)
    await fetch(database, end, id=recent, days=30)

    await Sweeper(store, lambda jobs: None).sweep()

    assert {row["id"] for row in await fetch(database, "SELECT id FROM jobs")} == {recent, unfinished}
