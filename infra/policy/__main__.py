"""The policy pack: serves the rules with the enforcement levels of the stack until the engine stops it."""

from datetime import UTC, datetime

import pulumi
from pulumi_policy import EnforcementLevel, PolicyPack

from infra.policy import shared_properties
from infra.policy.levels import policies_for

shared_properties.install()
policies = policies_for(pulumi.get_stack(), datetime.now(UTC).date())
PolicyPack("drydock", policies, enforcement_level=EnforcementLevel.MANDATORY)
