"""`drydock:alarms`."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from stacks.settings.model import SettingsModel, repeated

Topic = Annotated[str, Field(pattern=r"^arn:aws:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}$")]


class AlarmSettings(SettingsModel):
    """The alarms of CloudWatch."""

    topics: Annotated[tuple[Topic, ...], Field(max_length=5)] = ()
    """ARNs of SNS topics in the stack's region that get a message for every alarm, five at most. None: alarms show in
    CloudWatch only."""

    def problems(self) -> Iterator[str]:
        """Find a topic that is named twice."""
        yield from repeated("topics", "topic", self.topics)
