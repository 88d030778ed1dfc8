"""The local AWS account: moto, a journal that restores the account after a crash, and the stand-in provider for aws."""
