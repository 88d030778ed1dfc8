"""What the engine runs: serves the rules at the levels of its stack until the engine ends it."""

import pulumi
from pulumi_policy import EnforcementLevel, PolicyPack

from infra.policy.levels import policies_for

PolicyPack("drydock", policies_for(pulumi.get_stack()), enforcement_level=EnforcementLevel.MANDATORY)
