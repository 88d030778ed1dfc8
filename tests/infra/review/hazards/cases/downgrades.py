"""Changes to a lower version."""

from tests.infra.review.built import UNKNOWN
from tests.infra.review.hazards.cases.made import ADDON, DEPLOYMENT, INSTANCE, Case, created, deleted, template, updated

CASES: dict[str, Case] = {
    "an older engine": updated(
        INSTANCE,
        {"engineVersion": "18.1"},
        {"engineVersion": "17.6"},
        ("downgrade", "engineVersion goes down from 18.1 to 17.6"),
    ),
    "a newer engine": updated(INSTANCE, {"engineVersion": "9.6"}, {"engineVersion": "18.1"}),
    "an engine of any minor version": updated(INSTANCE, {"engineVersion": "18.1"}, {"engineVersion": "18"}),
    "an engine that is not set": updated(INSTANCE, {"engineVersion": "18.1"}, {}),
    "an older add-on": updated(
        ADDON,
        {"addonVersion": "v1.19.0-eksbuild.10"},
        {"addonVersion": "v1.19.0-eksbuild.9"},
        ("downgrade", "addonVersion goes down from v1.19.0-eksbuild.10 to v1.19.0-eksbuild.9"),
    ),
    "a newer add-on": updated(ADDON, {"addonVersion": "v1.19.0-eksbuild.9"}, {"addonVersion": "v1.19.0-eksbuild.10"}),
    "an older image": updated(
        DEPLOYMENT,
        template("registry:5000/api:1.10.0"),
        template("registry:5000/api:1.9.3@sha256:aa"),
        ("downgrade", "the image of container server goes down from 1.10.0 to 1.9.3"),
    ),
    "an image of another registry": updated(DEPLOYMENT, template("here:5001/api"), template("here:5000/api")),
    "an image that was not known": updated(DEPLOYMENT, template(UNKNOWN), template("api:1.9.3")),
    "a container whose name is not known": updated(
        DEPLOYMENT, template("api:1.10.0", UNKNOWN), template("api:1.9.3", UNKNOWN)
    ),
    "a deployment is created": created(DEPLOYMENT, template("api:1.10.0")),
    "a deployment is deleted": deleted(DEPLOYMENT, template("api:1.10.0")),
    "an image of another repository": updated(DEPLOYMENT, template("api:1.10.0"), template("other:1.9.3")),
    "an image of another commit": updated(DEPLOYMENT, template("api:9fb3c1a"), template("api:1ab23ff")),
    "fewer replicas": updated(DEPLOYMENT, {"spec": {"replicas": 3}}, {"spec": {"replicas": 2}}),
}
