"""All stand-ins in this process, with nothing behind them: enough for a preview against any state."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

from localcloud.providers.servicer import serve

ACCOUNT_ID = "123456789012"  # nobody's: the one that AWS uses in its documentation
REGION = "us-east-1"  # until the program's own provider configures another


@contextmanager
def serve_all() -> Iterator[Mapping[str, int]]:
    """Serve every stand-in on a free loopback port; the ports by name."""
    # Half a second of imports that no other command needs.
    from localcloud.aws.provider import AwsProvider  # noqa: PLC0415
    from localcloud.kubernetes.provider import KubernetesProvider  # noqa: PLC0415
    from localcloud.providers.docker_build import DockerBuildProvider  # noqa: PLC0415
    from localcloud.providers.random_ import RandomProvider  # noqa: PLC0415

    providers = (
        AwsProvider(ACCOUNT_ID, REGION, None),
        KubernetesProvider(None),
        RandomProvider(),
        DockerBuildProvider(None, None),
    )
    with ExitStack() as servers:
        ports = {}
        for provider in providers:
            server, ports[provider.name] = serve(provider)
            servers.callback(server.stop, None)
        yield ports
