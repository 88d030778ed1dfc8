"""The emulated resource types, with one file for each service or area."""
