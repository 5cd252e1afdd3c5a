// Package s3 replaces the client of S3, of which one type is used.
package s3

// CopyObjectInput is the input of a copy.
type CopyObjectInput struct{ CopySource *string }
