"""moto's RDS, told where its instances really are."""

from moto.rds.models import DBInstance


def extend(host: str, port: int) -> None:
    """Every instance answers with the local endpoint, whatever port it was asked to have."""
    DBInstance.address = property(lambda _self: host)
    DBInstance.endpoint = property(lambda _self: {"Address": host, "Port": port, "HostedZoneId": "Z0LOCAL"})
