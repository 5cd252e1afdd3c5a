"""Fuzzing of the job's reader: random objects, in random pieces, against slow and plain readers of the same rules."""
