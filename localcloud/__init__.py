"""The local cloud: AWS, Kubernetes, PostgreSQL and images on this machine, accessed through Pulumi providers."""

import gc

# moto, botocore and Pulumi's SDKs are hundreds of thousands of objects that live as long as the process. Scanning them
# each time that 700 more objects were created, which is the default, takes an eighth of the CPU time of a preview and
# up to a third of that of starting the local account.
gc.set_threshold(100_000)
