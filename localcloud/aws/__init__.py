"""AWS on this machine: moto, a journal that lets its account survive a kill, and the aws provider's stand-in."""
