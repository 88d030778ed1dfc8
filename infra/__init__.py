"""The Pulumi program's entry point and the `drydock` command around it."""
