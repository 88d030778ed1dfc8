"""AWS's models of its services, and tables of the engines, versions and instance classes that it offers."""
