// Package gcsblob replaces the driver of Google Cloud Storage.
package gcsblob

// Scheme is the scheme of the driver's URLs.
const Scheme = "gs"
