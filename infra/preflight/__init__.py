"""Checks of an AWS account before a deployment: each check is a function of the settings and of API responses.

The checks change nothing. `run` combines them, and `reader` calls the account.
"""
