"""Service levels, alerts and capacity, from records of real requests."""
