"""HTML pages: templates and static files, shared by the features that have pages."""
