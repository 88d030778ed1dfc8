"""The parts of `/sre` put together for one process of the API."""

from collections.abc import Callable

from app.database import Database
from app.lifecycle import Lifecycle
from app.readiness import Readiness
from app.reliability.breaker import Breakers
from app.settings import Settings
from app.sre.cache import FigureCache
from app.sre.records import Recorder
from app.sre.report import ProcessReport
from app.sre.sre import Sre


def new_recorder(
    database: Database, breakers: Breakers, settings: Settings, in_flight: Callable[[], int] = lambda: 0
) -> Recorder:
    """Return the recorder of this process; `in_flight` says how many requests are being served."""
    report = ProcessReport(
        "serve",
        breakers,
        database.pool_stats,
        requests=lambda: recorder.noted,
        in_flight=in_flight,
        max_in_flight=settings.max_in_flight,
    )
    recorder = Recorder(database, report)
    return recorder


def new_sre(
    database: Database, recorder: Recorder, readiness: Readiness, lifecycle: Lifecycle, settings: Settings
) -> Sre:
    """Return what answers for `/sre`."""
    return Sre(
        cache=FigureCache(database, recorder.unsaved),
        recorder=recorder,
        readiness=readiness,
        lifecycle=lifecycle,
        environment=settings.environment,
    )
