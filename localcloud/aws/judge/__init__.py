"""Refuses what AWS refuses, before anything is emulated: request models, resource schemas and cross-field rules."""
