"""Where a load spends its time: the stacks of a worker, and the statements of the database.

`make bench-profiles` writes both, and the producer's profile, into this folder. See README.md here for what was
changed because of them.
"""
