"""The feature `users`."""

from app.core.context import AppContext, Feature
from app.resources.table import Table
from app.users.routes import USERS, users_router


def users(context: AppContext) -> Feature:
    """Return the feature of the API."""
    return Feature(routers=[users_router(Table(context.database, USERS), context.base_url, context.stale)])
