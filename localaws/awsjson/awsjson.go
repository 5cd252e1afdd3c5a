// Package awsjson is the part of AWS's JSON 1.1 protocol that the services behind the gateway share: an
// operation reads a JSON document and returns one, or an error with AWS's error type.
package awsjson

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// Handler serves one operation. Its result is encoded as JSON; times must already be epoch seconds. An *Error
// goes to the client with its type, any other error as InternalServiceException.
type Handler func(ctx context.Context, body json.RawMessage) (any, error)

// Operations maps operation names, such as StartCrawler, to their handlers.
type Operations map[string]Handler

// ErrPassThrough makes the gateway forward the request to the emulator.
var ErrPassThrough = errors.New("not served here")

// Error is an error of the AWS API.
type Error struct {
	// Type is the exception's name, such as EntityNotFoundException.
	Type    string
	Message string
}

func (e *Error) Error() string { return e.Type + ": " + e.Message }

// Errorf makes an Error.
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

// Typed makes a Handler from a function with a typed request. A body that does not fit the type is an
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
