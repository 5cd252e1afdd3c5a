package awsjson

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// contentType is the content type of AWS's JSON 1.1 protocol.
const contentType = "application/x-amz-json-1.1"

// InternalService is the error type of unexpected errors.
const InternalService = "InternalServiceException"

// Serve returns a handler for the operations. An unknown operation results in an UnknownOperationException.
func Serve(ops Operations) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		target := r.Header.Get("X-Amz-Target")
		_, name, _ := strings.Cut(target, ".")
		handler, ok := ops[name]
		if !ok {
			WriteError(w, Errorf("UnknownOperationException", "operation %q", target))
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			WriteError(w, Errorf(InvalidInput, "read the request: %v", err))
			return
		}
		out, err := handler(r.Context(), body)
		if err != nil {
			WriteError(w, err)
			return
		}
		WriteResult(w, out)
	})
}

// WriteResult writes the result of an operation. Nil is an empty document.
func WriteResult(w http.ResponseWriter, out any) {
	if out == nil {
		out = struct{}{}
	}
	raw, err := json.Marshal(out)
	if err != nil {
		WriteError(w, err)
		return
	}
	write(w, http.StatusOK, raw)
}

// WriteError writes an error as AWS does, with its type in a header and in the body.
// https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html#operation-error-serialization
func WriteError(w http.ResponseWriter, err error) {
	var known *Error
	if !errors.As(err, &known) {
		known = &Error{Type: InternalService, Message: err.Error()}
	}
	status := http.StatusBadRequest
	if known.Type == InternalService {
		status = http.StatusInternalServerError
	}
	WriteRefusal(w, known.Type, known.Message, status)
}

// WriteRefusal writes an error with its HTTP status. It writes the message under both keys: the REST JSON protocol uses
// the lowercase key.
func WriteRefusal(w http.ResponseWriter, code, message string, status int) {
	raw, err := json.Marshal(map[string]string{"__type": code, "Message": message, "message": message})
	if err != nil {
		status, raw = http.StatusInternalServerError, []byte("{}")
	}
	w.Header().Set("X-Amzn-Errortype", code)
	write(w, status, raw)
}

func write(w http.ResponseWriter, status int, raw []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(raw)))
	w.WriteHeader(status)
	_, _ = w.Write(raw) // The client may have disconnected.
}
