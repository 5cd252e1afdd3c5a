"""Measures how the job scales with the number of events and objects, object size, and latency to database and S3.

`make bench` runs the small points, `make bench-full` the large ones. Each point is a load into a new database whose
rows are verified, as in bench/load, in one Spark session. Other ways are compared with the job by their rate, because
they may load fewer events. Spark's plain reading is spark.read.json of the same folder, with the contract's types: the
result is neither checked nor stored.
"""
