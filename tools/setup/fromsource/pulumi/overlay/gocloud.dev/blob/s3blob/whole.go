// Package s3blob replaces the driver of S3: without it, s3:// is unknown.
package s3blob
