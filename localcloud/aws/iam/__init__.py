"""IAM of the local account: who asks, what is asked for, and whether policies allow it.

moto's own access control (moto.iam.access_control) cannot serve: to it, a condition that is not met is a refusal,
resources have no policies, and ARNs are not matched part by part.
"""
