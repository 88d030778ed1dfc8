"""ASGI middleware around every route; `app/api.py` says in which order."""
