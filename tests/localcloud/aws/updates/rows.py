"""The rows of all resource types."""

from tests.localcloud.aws.updates import cloudfront, data, edge, identity, network

ROWS = {**network.ROWS, **identity.ROWS, **data.ROWS, **edge.ROWS, **cloudfront.ROWS}
