"""The job's output in the bucket: Parquet of the rows, and the quarantine of invalid lines."""
