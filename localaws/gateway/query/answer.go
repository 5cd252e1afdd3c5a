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

// Answer is the answer to the client.
type Answer struct {
	Status    int
	RequestID string
	Body      []byte
}

// Write sends the answer.
func (a *Answer) Write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/xml")
	w.Header().Set("X-Amzn-Requestid", a.RequestID)
	w.Header().Set("Content-Length", strconv.Itoa(len(a.Body)))
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body)
}

// OK reports whether the answer is not an error.
func (a *Answer) OK() bool { return a.Status == http.StatusOK }

// Root returns the document, or nil if the answer is an error or not XML.
func (a *Answer) Root() *etree.Element {
	doc := etree.NewDocument()
	if err := doc.ReadFromBytes(a.Body); err != nil || !a.OK() {
		return nil
	}
	return doc.Root()
}

// Edit changes the document of a successful answer and leaves errors unchanged.
func (a *Answer) Edit(change func(root *etree.Element) error) error {
	doc := etree.NewDocument()
	if !a.OK() {
		return nil
	}
	if err := doc.ReadFromBytes(a.Body); err != nil {
		return fmt.Errorf("the emulator's answer: %w", err)
	}
	if err := change(doc.Root()); err != nil {
		return err
	}
	var b bytes.Buffer
	if _, err := doc.WriteTo(&b); err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	a.Body = b.Bytes()
	return nil
}

// DocumentAnswer is a successful answer with a document.
func DocumentAnswer(doc *etree.Document) (*Answer, error) {
	body, err := doc.WriteToBytes()
	return &Answer{Status: http.StatusOK, RequestID: uuid.NewString(), Body: body}, err
}

// ErrorAnswer is an error in the form of EC2, or in that of the other services.
func ErrorAnswer(isEC2 bool, err error) *Answer {
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
	return &Answer{Status: status, RequestID: id, Body: body}
}
