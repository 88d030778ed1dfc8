"""The feature `items`."""

from app.core.context import AppContext, Feature
from app.items.routes import ITEMS, items_router
from app.resources.table import Table


def items(context: AppContext) -> Feature:
    """Return the feature of the API."""
    return Feature(routers=[items_router(Table(context.database, ITEMS), context.base_url, context.stale)])
