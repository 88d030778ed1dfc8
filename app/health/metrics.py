"""`/metrics`, in the text format of Prometheus or in OpenMetrics, as the scraper accepts."""

from fastapi import APIRouter, Request, Response
from prometheus_client.exposition import choose_encoder

from app.telemetry.metrics import Metrics


def metrics_router(metrics: Metrics) -> APIRouter:
    """Return the route."""
    router = APIRouter(tags=["metrics"])

    @router.get("/metrics", response_class=Response)
    async def scrape(request: Request) -> Response:
        encode, media_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(metrics.registry), media_type=media_type)

    return router
