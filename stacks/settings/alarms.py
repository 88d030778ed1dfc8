"""`drydock:alarms`."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from stacks.settings.model import SettingsModel, repeated

Topic = Annotated[str, Field(pattern=r"^arn:aws:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}$")]


class AlarmSettings(SettingsModel):
    """The alarms of CloudWatch."""

    topics: Annotated[tuple[Topic, ...], Field(max_length=5)] = ()
    """ARNs of at most five SNS topics in the stack's region that are notified of every alarm. Empty: alarms are only
    visible in CloudWatch."""

    def problems(self) -> Iterator[str]:
        """Find duplicate topics."""
        yield from repeated("topics", "topic", self.topics)
