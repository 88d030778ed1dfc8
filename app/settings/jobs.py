"""The queue of jobs and the worker on it."""

from typing import Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings

from app.settings.values import Url


class JobSettings(BaseSettings):
    """SQS and the worker. Region, endpoint and credentials come from the standard sources of the AWS SDKs."""

    queue_url: Url | None = None
    """URL of the SQS queue of jobs; if not set, the service accepts no jobs."""
    dead_letter_queue_url: Url | None = None
    """URL of its dead-letter queue, to count its messages; if not set, they are not counted."""
    worker_concurrency: int = Field(4, ge=1, le=100)
    """Maximum of concurrent jobs of one worker."""
    job_timeout_seconds: float = Field(30, gt=0, le=3600)
    """Timeout of one attempt of a job."""
    job_visibility_seconds: int = Field(60, ge=1, le=43_200)
    """Visibility timeout of a message; must be more than the timeout of a job."""
    job_max_attempts: int = Field(5, ge=1, le=100)
    """Attempts before a job is dead; the queue's maxReceiveCount should not be lower."""
    job_backoff_seconds: float = Field(2, ge=0, le=900)
    """Pause before the second attempt; it doubles with each attempt, with jitter, up to 15 minutes."""
    job_resend_seconds: int = Field(300, ge=1, le=86_400)
    """A job without progress for this long is sent to the queue again."""

    @model_validator(mode="after")
    def _visible_after_the_timeout(self) -> Self:
        if self.job_visibility_seconds <= self.job_timeout_seconds:
            raise ValueError(
                f"JOB_VISIBILITY_SECONDS: got {self.job_visibility_seconds}, must be more than "
                f"JOB_TIMEOUT_SECONDS ({self.job_timeout_seconds:g}), or two workers could run the same job"
            )
        return self
