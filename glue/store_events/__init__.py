"""The load of store events: from raw lines in S3 to rows in MySQL and Parquet."""
