"""What the job writes into the bucket: Parquet of the rows, and the quarantine of invalid lines."""
