"""The resource `items`."""
