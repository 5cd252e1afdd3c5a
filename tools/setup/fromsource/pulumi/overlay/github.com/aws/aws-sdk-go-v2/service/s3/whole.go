// Package s3 replaces the client of S3, of which one type is used.
package s3

// CopyObjectInput is what a copy is asked for with.
type CopyObjectInput struct{ CopySource *string }
