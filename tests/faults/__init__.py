"""The fault harness: histories of input, runs and failures, and what must hold after each."""
