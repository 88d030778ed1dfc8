"""The feature `web`: HTML pages for people."""

from pathlib import Path

from pydantic import BaseModel

from app.core.context import AppContext, Feature
from app.core.html.pages import Link, Pages
from app.resources.table import Table, TableSpec
from app.web.api_docs import DOCS_PAGE, api_docs_router
from app.web.users_page import USERS_PAGE, users_page_router


def web(context: AppContext, users: TableSpec, user: type[BaseModel]) -> Feature:
    """Return the feature of the API. `users` is the table that the page lists, and `user` validates its form."""
    pages = Pages(Path(__file__).parent, context.links, separate_admin=context.separate_admin)
    context.links += [Link(USERS_PAGE, "Users", "/"), Link(DOCS_PAGE, "API", "/docs")]
    return Feature(
        routers=[
            users_page_router(Table(context.database, users), user, pages, context.settings),
            api_docs_router(pages, context.settings),
            pages.static.router(),
        ]
    )
