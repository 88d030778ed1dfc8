"""Pages for people: templates, and the files they load."""
