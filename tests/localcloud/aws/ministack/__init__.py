"""moto beside MiniStack, another emulator of AWS: what only one of them does is known and has its reason."""
