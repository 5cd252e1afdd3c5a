// Package s3blob stands in for the driver of S3: without it, s3:// is unknown.
package s3blob
