"""Run checkov and kube-linter on the stacks: each finding is decided against with its reason, or fails."""
