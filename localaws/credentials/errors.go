package credentials

import "fmt"

// Reason says why a request has no known caller. Each AWS protocol has a separate code for it.
type Reason int

// Reasons of an Error.
const (
	// Missing means that the request is not signed.
	Missing Reason = iota
	// Malformed means that the signature cannot be read.
	Malformed
	// UnknownKey means that this state folder did not issue the access key.
	UnknownKey
	// InvalidToken means that the session token is missing or not ours.
	InvalidToken
	// ExpiredToken means that the session is over.
	ExpiredToken
	// Skewed means that the request was signed too long ago, or in the future.
	Skewed
	// Mismatch means that the signature is of another request or another secret.
	Mismatch
	// WrongBody means that the body is not the one that was signed.
	WrongBody
)

// Error refuses a request.
type Error struct {
	Reason  Reason
	Message string
}

func (e *Error) Error() string { return e.Message }

func refuse(reason Reason, format string, args ...any) *Error {
	return &Error{Reason: reason, Message: fmt.Sprintf(format, args...)}
}
