"""The steps that need each patch, by service. A function has the name of its patch."""
