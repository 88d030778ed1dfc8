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
    """An item to create."""

    name: Name = Field(examples=["anchor"])
    description: Description = Field("", examples=["cast iron, 40 kg"])


class ImportItemsPayload(_Closed):
    """The items to create, all or none."""

    items: list[NewItem] = Field(min_length=1, max_length=MAX_ITEMS)


class NotifyUserPayload(_Closed):
    """The user and the message."""

    user_id: int = Field(ge=1, le=MAX_ID, examples=[1])
    message: Message = Field(examples=["your order is on its way"])


class ImportItems(_Closed):
    """Create several items in one transaction."""

    kind: Literal["import-items"]
    payload: ImportItemsPayload


class NotifyUser(_Closed):
    """Send a message to a user through the service at UPSTREAM_URL."""

    kind: Literal["notify-user"]
    payload: NotifyUserPayload


JobBody = Annotated[ImportItems | NotifyUser, Field(discriminator="kind")]
"""What a client submits. It is refused before it is stored if the payload does not match the kind."""
