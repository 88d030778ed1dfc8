"""HTML pages: the list of users with its form, and the API reference."""
