package query

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/beevik/etree"
	"github.com/google/uuid"
)

// Response is a response to the client.
type Response struct {
	Status    int
	RequestID string
	Body      []byte
}

// Write writes the response.
func (r *Response) Write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/xml")
	w.Header().Set("X-Amzn-Requestid", r.RequestID)
	w.Header().Set("Content-Length", strconv.Itoa(len(r.Body)))
	w.WriteHeader(r.Status)
	_, _ = w.Write(r.Body)
}

// OK reports whether the operation succeeded.
func (r *Response) OK() bool { return r.Status == http.StatusOK }

// Root returns the document, or nil if the response is an error or not XML.
func (r *Response) Root() *etree.Element {
	doc := etree.NewDocument()
	if err := doc.ReadFromBytes(r.Body); err != nil || !r.OK() {
		return nil
	}
	return doc.Root()
}

// Edit changes the document of a successful response. It is a no-op for errors.
func (r *Response) Edit(change func(root *etree.Element) error) error {
	doc := etree.NewDocument()
	if !r.OK() {
		return nil
	}
	if err := doc.ReadFromBytes(r.Body); err != nil {
		return fmt.Errorf("parse the emulator's response: %w", err)
	}
	if err := change(doc.Root()); err != nil {
		return err
	}
	var b bytes.Buffer
	if _, err := doc.WriteTo(&b); err != nil {
		return fmt.Errorf("encode the response: %w", err)
	}
	r.Body = b.Bytes()
	return nil
}

// DocumentResponse returns a successful response with a document.
func DocumentResponse(doc *etree.Document) (*Response, error) {
	body, err := doc.WriteToBytes()
	return &Response{Status: http.StatusOK, RequestID: uuid.NewString(), Body: body}, err
}

// ErrorResponse returns an error response in EC2's format, or in the format of the other services.
func ErrorResponse(isEC2 bool, err error) *Response {
	status, id := http.StatusBadRequest, uuid.NewString()
	var refused *Error
	if !errors.As(err, &refused) {
		status, refused = http.StatusInternalServerError, &Error{Code: "InternalFailure", Message: err.Error()}
	}
	doc := etree.NewDocument()
	var e *etree.Element
	if isEC2 {
		root := doc.CreateElement("Response")
		e = root.CreateElement("Errors").CreateElement("Error")
		Set(root, "RequestID", id)
	} else {
		root := doc.CreateElement("ErrorResponse")
		e = root.CreateElement("Error")
		Set(e, "Type", "Sender")
		Set(root, "RequestId", id)
	}
	Set(e, "Code", refused.Code)
	Set(e, "Message", refused.Message)
	body, _ := doc.WriteToBytes() // Writes to memory.
	return &Response{Status: status, RequestID: id, Body: body}
}
