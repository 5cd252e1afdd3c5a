// Package awsjson implements AWS's JSON 1.1 protocol for the services behind the gateway: an operation reads a JSON
// document and returns one, or an error with AWS's error type.
package awsjson

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// Handler serves one operation. Its result is encoded as JSON, with times in epoch seconds. The client receives an
// *Error with its type, and any other error as InternalServiceException.
type Handler func(ctx context.Context, body json.RawMessage) (any, error)

// Operations maps operation names, for example StartCrawler, to their handlers.
type Operations map[string]Handler

// ErrPassThrough makes the gateway forward the request to the emulator.
var ErrPassThrough = errors.New("not served here")

// Error is an error of the AWS API.
type Error struct {
	// Type is the exception's name, for example EntityNotFoundException.
	Type    string
	Message string
}

func (e *Error) Error() string { return e.Type + ": " + e.Message }

// Errorf returns an Error with a formatted message.
func Errorf(typ, format string, args ...any) *Error {
	return &Error{Type: typ, Message: fmt.Sprintf(format, args...)}
}

// Errors that several services return, under Glue's names.
const (
	EntityNotFound     = "EntityNotFoundException"
	AlreadyExists      = "AlreadyExistsException"
	InvalidInput       = "InvalidInputException"
	ConcurrentRuns     = "ConcurrentRunsExceededException"
	CrawlerRunning     = "CrawlerRunningException"
	CrawlerNotRunning  = "CrawlerNotRunningException"
	IdempotentMismatch = "IdempotentParameterMismatchException"
)

// Typed returns a Handler that calls a function with a typed request. A body that cannot be decoded results in an
// InvalidInputException.
func Typed[In, Out any](f func(ctx context.Context, in In) (Out, error)) Handler {
	return func(ctx context.Context, body json.RawMessage) (any, error) {
		var in In
		if len(body) > 0 {
			if err := json.Unmarshal(body, &in); err != nil {
				return nil, Errorf(InvalidInput, "request body: %v", err)
			}
		}
		return f(ctx, in)
	}
}
