"""Measures the rate of loads as the table grows, with its current layout and with that of earlier releases."""
