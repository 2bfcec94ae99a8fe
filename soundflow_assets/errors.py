"""Errors that speak to people: every one is a sentence naming what, where and what to do.

`BadInput` is refused work (exit code 2 on the command line, no retry in Dagster); `Failed` is work
that was tried and did not succeed (exit code 1). Anything else that escapes is a defect.
"""


class SoundFlowError(Exception):
    """Base of all errors whose message is meant for the operator."""


class BadInput(SoundFlowError):
    """The request, configuration or file is wrong; trying again will not help."""


class Failed(SoundFlowError):
    """The work was tried and failed; the message says whether to try again."""


class Refused(Failed):
    """Finished work that a gate did not let pass (exit code 2): not published, not retried."""
