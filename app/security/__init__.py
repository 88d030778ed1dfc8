"""Who may write: the form's token, and bearer tokens."""
