"""Every RDS instance returns the endpoint of the local PostgreSQL server, regardless of its requested port.

Upstream in 2026-11: no defect.
"""

from moto.rds.models import DBInstance

from localcloud.aws.moto_patches.patch import Changes, Patch


def apply(changes: Changes) -> None:
    """Patch moto."""
    host, port = changes.places.database
    changes.put(DBInstance, "address", property(lambda _self: host))
    endpoint = {"Address": host, "Port": port, "HostedZoneId": "Z0LOCAL"}
    changes.put(DBInstance, "endpoint", property(lambda _self: dict(endpoint)))


PATCH = Patch(name="rds_endpoint", apply=apply)
