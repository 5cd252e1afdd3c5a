"""Measures how fast rows are loaded as the table grows, with its present layout and with that of earlier releases."""
