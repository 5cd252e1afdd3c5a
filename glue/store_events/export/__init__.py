"""What a run writes or reports outside the database."""
