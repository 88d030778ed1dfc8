"""The Pulumi program and the `drydock` command."""
