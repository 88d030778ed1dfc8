"""Checks of an AWS account before a deployment: each is a function of settings and responses.

Nothing is changed. `run` combines the checks, `reader` calls the account.
"""
