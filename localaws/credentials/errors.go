package credentials

import "fmt"

// Reason is the reason why a request is not authenticated. Each AWS protocol has a separate error code for it.
type Reason int

// Reasons of an Error.
const (
	// Missing means that the request is not signed.
	Missing Reason = iota
	// Malformed means that the signature cannot be parsed.
	Malformed
	// UnknownKey means that this state folder did not issue the access key.
	UnknownKey
	// InvalidToken means that this state folder did not issue the session token.
	InvalidToken
	// ExpiredToken means that the session has expired.
	ExpiredToken
	// Skewed means that the request was signed too long ago, or in the future.
	Skewed
	// Mismatch means that the signature does not match the request and the secret.
	Mismatch
	// WrongBody means that the body differs from the signed body.
	WrongBody
)

// Error is the error of an unauthenticated request.
type Error struct {
	Reason  Reason
	Message string
}

func (e *Error) Error() string { return e.Message }

func refuse(reason Reason, format string, args ...any) *Error {
	return &Error{Reason: reason, Message: fmt.Sprintf(format, args...)}
}
