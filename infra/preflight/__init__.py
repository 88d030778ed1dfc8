"""What an AWS account says before a stack is deployed to it: each check is a function of settings and answers.

Nothing is made and nothing is changed. `run` puts the checks together, `reader` asks the account.
"""
