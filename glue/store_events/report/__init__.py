"""A run's reports: manifest, metrics and lineage; and the start of the crawler."""
