"""The pod: probes, grace period, resources, selector and names."""

from hypothesis import given
from hypothesis import strategies as st

from components.manifests.content_name import content_name
from components.manifests.deployment import Rollout, deployment_spec, worker_spec
from components.manifests.job import migration_name
from components.manifests.labels import labels, selector
from components.manifests.pod import PodShape, termination_grace_seconds
from tests.support.builders import SERVER, WORKER

SHAPE = PodShape(
    app="api",
    image="repo@sha256:0",
    service_account="api",
    config_map="config",
    secrets="secrets",
    admin_port=None,
    cpu_request="1",
    memory_request="1Gi",
    memory_limit="2Gi",
)
seconds = st.integers(0, 300)


@given(seconds, seconds, seconds)
def test_grace_covers_every_phase(pre_stop: int, drain: int, shutdown: int) -> None:
    """A pod that uses the full time of every phase has more than 5 s left before it is killed."""
    assert termination_grace_seconds(pre_stop, drain, shutdown) > pre_stop + drain + shutdown + 5


def test_deployment_uses_the_grace() -> None:
    """The pod has a native sleep before its SIGTERM, and a grace period that covers all phases."""
    rollout = Rollout(pre_stop=15, drain=5, shutdown=20, min_ready=10, progress_deadline=600)

    pod = deployment_spec(SHAPE, SERVER, rollout)["template"]["spec"]
    assert pod["termination_grace_period_seconds"] == 50
    assert pod["containers"][0]["lifecycle"] == {"pre_stop": {"sleep": {"seconds": 15}}}


def test_probes_have_different_paths() -> None:
    """Startup, readiness and liveness differ; only the liveness probe restarts a running pod."""
    rollout = Rollout(pre_stop=0, drain=0, shutdown=1, min_ready=0, progress_deadline=60)

    (container,) = deployment_spec(SHAPE, SERVER, rollout)["template"]["spec"]["containers"]
    paths = [container[f"{kind}_probe"]["http_get"]["path"] for kind in ("startup", "readiness", "liveness")]
    assert paths == ["/health/startup", "/health/serving", "/health/live"]


def test_worker_has_probes_and_time_for_its_jobs() -> None:
    """Its probes use the port number, it has no preStop hook, and the grace period covers its jobs."""
    rollout = Rollout(pre_stop=15, drain=5, shutdown=20, min_ready=10, progress_deadline=600)

    spec = worker_spec(SHAPE, WORKER, rollout, 2, interruptible=False)
    pod = spec["template"]["spec"]
    (container,) = pod["containers"]
    gets = [container[f"{kind}_probe"]["http_get"] for kind in ("startup", "readiness", "liveness")]
    assert [get["path"] for get in gets] == ["/health/startup", "/health/ready", "/health/live"]
    assert {get["port"] for get in gets} == {8080}
    assert (container["args"], spec["replicas"]) == (["worker"], 2)
    assert "lifecycle" not in container
    assert "affinity" not in pod
    assert pod["termination_grace_period_seconds"] == 35
    assert spec["selector"]["match_labels"] == selector("api", "worker")
    spreads = [spread["label_selector"]["match_labels"] for spread in pod["topology_spread_constraints"]]
    assert spreads == [selector("api", "worker")] * 2


def test_no_cpu_limit_and_a_memory_limit() -> None:
    """A CPU limit would only throttle."""
    rollout = Rollout(pre_stop=0, drain=0, shutdown=1, min_ready=0, progress_deadline=60)

    (container,) = deployment_spec(SHAPE, SERVER, rollout)["template"]["spec"]["containers"]
    assert container["resources"] == {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"memory": "2Gi"}}


def test_selector_is_part_of_the_labels() -> None:
    """Otherwise the Deployment would not own its pods. Migrations and workers do not match the Service."""
    assert selector("api").items() <= labels("api").items()
    for role in ("migration", "worker"):
        assert not selector("api").items() <= labels("api", role).items()


def test_names_are_valid_and_of_the_content() -> None:
    """Names depend on the content but not on its order; the Job has ten characters of the digest."""
    assert content_name("c", {"a": "1", "b": "2"}) == content_name("c", {"b": "2", "a": "1"})
    assert content_name("c", {"a": "1"}) != content_name("c", {"a": "2"})
    assert migration_name("api", "repo:5000/app@sha256:0123456789abcdef") == "api-migrate-0123456789"
