"""Network rules ("laws") that every stack must meet. Each law returns its violations, with resource and remedy.

A law reports only violations that are certain: unknown values are never a violation.
"""
