"""Differential fuzzing of the job's reader: random objects in random chunks, compared with reference readers."""
