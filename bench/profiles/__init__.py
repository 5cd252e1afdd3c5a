"""Profiles a load: the stacks of a worker, and the statements of the database.

`make bench-profiles` writes both, and the producer's profile, to this folder. README.md describes the optimizations
that resulted from them.
"""
