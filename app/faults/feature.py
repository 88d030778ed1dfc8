"""The feature `faults`: fault injection, off unless FAULT_TOKEN is set."""

from starlette.middleware import Middleware

from app.core.context import AppContext, Feature
from app.core.health.readiness import Check
from app.faults.faults import Faults
from app.faults.inject import InjectFaults
from app.faults.routes import faults_router


def faults(context: AppContext) -> Feature:
    """Return the feature of the API."""
    injected = Faults()

    def check() -> Check:
        return Check(ok=injected.ready, detail="none" if injected.ready else "readiness is switched off")

    enabled = context.settings.fault_token is not None
    return Feature(
        routers=[faults_router(injected, context.settings)],
        middleware=[Middleware(InjectFaults, faults=injected)] if enabled else [],
        local_checks={"faults": check},
    )
