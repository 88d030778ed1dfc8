"""What holds for the whole suite: one hypothesis profile.

No deadline, because a slow machine is not a wrong answer. Where `CI` is set the examples are the same in each run, so a
pull request fails only for what it changes; new examples are tried on the machines of those who write the code.
"""

import os

from hypothesis import settings

settings.register_profile("drydock", deadline=None, derandomize=bool(os.environ.get("CI")), print_blob=True)
settings.load_profile("drydock")
