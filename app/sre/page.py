"""`/sre/dashboard-ui`: the figures of `/sre/dashboard` as a page; read without JavaScript, live with it."""

from datetime import datetime
from math import ceil, floor
from typing import Any

from starlette.responses import HTMLResponse

from app.core.html.pages import Pages
from app.sre.charts import chart

MIN_TOP_RPS, MIN_TOP_MS, MIN_TOP_SHARE = 1.0, 50.0, 0.01
PAGE = "dashboard"
UNKNOWN = "n/a"
BURN_WINDOWS = ("5m", "1h", "6h", "3d")
STATUS = {
    "healthy": ("good", "Healthy"),
    "degraded": ("warn", "Needs attention"),
    "critical": ("bad", "Needs attention now"),
}
SEVERITY_TONE = {"page": "bad", "ticket": "warn", "warning": "warn"}
BREAKER_TONE = {"closed": "good", "half-open": "warn", "open": "bad"}


def page(pages: Pages, dashboard: dict[str, Any]) -> HTMLResponse:
    """Return the page."""
    hour = dashboard["metrics"]["last_hour"]
    tone, headline = STATUS[dashboard["health"]["status"]]
    return pages.render(
        "dashboard.html",
        here=PAGE,
        data=dashboard,
        as_of=datetime.fromisoformat(dashboard["as_of"]) if dashboard["as_of"] else None,
        tone=tone,
        headline=headline,
        recent=dashboard["metrics"]["windows"]["5m"],
        charts=[
            ("Requests per second", chart([minute["requests_per_second"] for minute in hour], MIN_TOP_RPS), number),
            ("Latency, p95", chart([minute["p95_ms"] for minute in hour], MIN_TOP_MS), milliseconds),
            ("Server errors", chart([minute["error_rate"] for minute in hour], MIN_TOP_SHARE), percent),
        ],
        burn_windows=BURN_WINDOWS,
        severity_tone=SEVERITY_TONE,
        breaker_tone=BREAKER_TONE,
        budget_tone=budget_tone,
        fill_tone=fill_tone,
        number=number,
        milliseconds=milliseconds,
        percent=percent,
        duration=duration,
    )


def number(value: float | None) -> str:
    """Return a figure as people read it; `n/a` if it is not known."""
    if value is None:
        return UNKNOWN
    if 0 < value < 0.01:
        return "<0.01"
    if value and abs(value) < 10 and value != int(value):
        return f"{value:.2f}"
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.1f}"


def milliseconds(value: float | None) -> str:
    """Return a latency with its unit."""
    if value is None:
        return UNKNOWN
    return f"{value / 1000:.2f} s" if value >= 1000 else f"{number(value)} ms"


def percent(share: float | None) -> str:
    """Return a share; finer at both ends, and never 0 % or 100 % for what is only close to it."""
    if share is None:
        return UNKNOWN
    value = share * 100
    if 2 <= value <= 98 or share < 0 or share > 1:
        return f"{value:.1f}".removesuffix(".0") + " %"
    thousandths = floor(value * 1000 + 1e-6) if share > 0.5 else ceil(value * 1000 - 1e-6)
    return f"{thousandths / 1000:g} %"


def duration(seconds: float) -> str:
    """Return a time span in its largest whole unit."""
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def budget_tone(left: float) -> str:
    """Return the colour of what is left of an error budget."""
    return "good" if left >= 0.5 else "warn" if left > 0.25 else "bad"


def fill_tone(utilisation: float | None) -> str:
    """Return the colour of how full something is."""
    return "good" if utilisation is None or utilisation < 0.6 else "warn" if utilisation < 0.85 else "bad"
