"""Compare moto with MiniStack, another emulator of AWS: each difference is listed with its reason."""
