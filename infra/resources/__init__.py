"""The resources of a plan, as the policy, reachability, costs and reviews read them."""
