"""Refuses the requests that AWS refuses, before they are emulated: request models, schemas and cross-field rules."""
