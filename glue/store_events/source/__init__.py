"""The job's input: objects in S3, split into events and validated."""
