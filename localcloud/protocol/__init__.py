"""The protocol by which the engine talks to a provider."""
