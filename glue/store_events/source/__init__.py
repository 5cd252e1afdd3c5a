"""What the job reads: objects in S3, cut into events and checked."""
