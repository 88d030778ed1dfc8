"""IAM of the local account: finds the caller and the requested actions, and evaluates the policies.

moto's own access control (moto.iam.access_control) is not used, because it refuses a request when a condition is not
met, has no resource-based policies, and does not match ARNs part by part.
"""
