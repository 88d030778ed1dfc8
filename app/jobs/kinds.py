"""The kinds of jobs and their payloads."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from app.resources.cursors import MAX_ID
from app.resources.fields import Description, Name, without_nul

MAX_ITEMS = 500

Kind = Literal["import-items", "notify-user"]
State = Literal["queued", "running", "retrying", "succeeded", "dead"]
Message = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000), AfterValidator(without_nul)
]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class NewItem(_Closed):
    """One item to make."""

    name: Name = Field(examples=["anchor"])
    description: Description = Field("", examples=["cast iron, 40 kg"])


class ImportItemsPayload(_Closed):
    """The items to make, all or none."""

    items: list[NewItem] = Field(min_length=1, max_length=MAX_ITEMS)


class NotifyUserPayload(_Closed):
    """Whom to tell what."""

    user_id: int = Field(ge=1, le=MAX_ID, examples=[1])
    message: Message = Field(examples=["your order is on its way"])


class ImportItems(_Closed):
    """Make many items at once."""

    kind: Literal["import-items"]
    payload: ImportItemsPayload


class NotifyUser(_Closed):
    """Tell a user something, through the service at UPSTREAM_URL."""

    kind: Literal["notify-user"]
    payload: NotifyUserPayload


JobBody = Annotated[ImportItems | NotifyUser, Field(discriminator="kind")]
"""What a client submits; refused before it is stored if the payload is not that of its kind."""
