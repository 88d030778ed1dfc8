"""`drydock:budget`."""

from typing import Annotated

from pydantic import Field

from stacks.settings.model import SettingsModel


class BudgetSettings(SettingsModel):
    """The budget of the environment."""

    monthly_usd: Annotated[int, Field(ge=1)] | None = None
    """The most that the stack may cost in USD a month at rest, as `drydock cost` estimates it. None: no limit."""
