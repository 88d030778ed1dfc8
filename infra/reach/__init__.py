"""Reachability analysis of a planned stack: what can connect to what, on which port, and which hop decides.

Only IPv4 is analyzed, because the program uses IPv4 only.
"""
