"""What must hold for the network of every stack. Each law finds what breaks it, with the resource and the remedy.

A law speaks only of what a plan tells for certain: what is unknown breaks none.
"""
