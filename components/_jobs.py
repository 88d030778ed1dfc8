"""The Jobs of a Workload that change the database before the pods of a release start."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.batch import v1 as batch

from components.manifests import job
from components.manifests.content_name import content_name
from components.manifests.place import Place
from components.manifests.pod import PodShape
from components.manifests.process import Process


@dataclass(frozen=True)
class MigrationJob:
    """A Job."""

    logical: str
    """Pulumi's name."""
    name: pulumi.Input[str]
    """Name in Kubernetes, which differs for each release."""
    process: Process


def make_job(wanted: MigrationJob, shape: PodShape, place: Place, opts: pulumi.ResourceOptions) -> batch.Job:
    """Create a Job with the pods of the migration.

    The Job of the previous release is deleted first: after a failed release it would still exist, and a rollback could
    not create it again.
    """
    return batch.Job(
        wanted.logical,
        metadata=place.metadata(wanted.name, "migration", job.ANNOTATIONS),
        spec=job.migration_spec(shape, wanted.process),
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(delete_before_replace=True)),
    )


def migration_name(app: str, image: pulumi.Input[str]) -> pulumi.Output[str]:
    """Name the migration of a release."""
    return pulumi.Output.from_input(image).apply(lambda ref: job.migration_name(app, ref))


def schema_name(app: str, service: str, process: Process, image: pulumi.Input[str]) -> pulumi.Output[str]:
    """Name the Job that creates the schema of another service; the name depends on the release and the settings."""
    return pulumi.Output.from_input(image).apply(
        lambda ref: content_name(f"{app}-schema-{service}", {"image": ref, "args": " ".join(process.args)})
    )
