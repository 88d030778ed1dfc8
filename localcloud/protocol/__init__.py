"""The protocol between the Pulumi engine and providers."""
