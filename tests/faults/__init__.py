"""The fault harness: histories of input, runs and faults, and the invariant checked after each run."""
