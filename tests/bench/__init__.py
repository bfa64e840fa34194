"""Measurements for the README: `python -m tests.bench` from the repository's root.

Every step runs in a fresh process, so that no figure depends on what was
measured before it; `__main__` prints Markdown tables.
"""
