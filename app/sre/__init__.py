"""Service levels, alerts and capacity, computed from records of real requests."""
