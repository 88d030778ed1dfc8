"""What `pulumi up` runs."""

import sys

import pulumi

from infra.program import program

# Tells the language host that the message has been shown. To the exit code of a RunError, 1, it would add "an unhandled
# error occurred". Source: PYTHON_PROCESS_EXITED_AFTER_SHOWING_USER_ACTIONABLE_MESSAGE_CODE in
# github.com/pulumi/pulumi, sdk/python/cmd/pulumi-language-python-exec.
SHOWN = 32

try:
    program()
except pulumi.RunError as error:
    pulumi.log.error(str(error))
    sys.exit(SHOWN)
