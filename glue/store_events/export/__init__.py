"""What the job writes into S3: Parquet, quarantined lines and manifests of runs."""
