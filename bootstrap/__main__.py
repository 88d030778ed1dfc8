"""What `pulumi -C bootstrap up` runs."""

import sys

import pulumi

from bootstrap.program import program

# See infra/__main__.py: the message has been shown.
SHOWN = 32

try:
    program()
except pulumi.RunError as error:
    pulumi.log.error(str(error))
    sys.exit(SHOWN)
