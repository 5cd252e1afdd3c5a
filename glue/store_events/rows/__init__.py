"""The rows of a batch, as columns and as text."""
