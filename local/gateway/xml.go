package gateway

import (
	"errors"
	"net/http"

	"github.com/beevik/etree"
	"github.com/google/uuid"
)

// set gives a child element a text, and makes it if it is missing.
func set(parent *etree.Element, name, value string) {
	child(parent, name).SetText(value)
}

// child is the element of that name, made if it is missing.
func child(parent *etree.Element, name string) *etree.Element {
	if e := parent.SelectElement(name); e != nil {
		return e
	}
	return parent.CreateElement(name)
}

// setList replaces the members of a list element.
func setList(parent *etree.Element, name, member string, values []string) {
	list := child(parent, name)
	list.Child = nil
	for _, value := range values {
		list.CreateElement(member).SetText(value)
	}
}

// text is the text of a child element, empty if there is none.
func text(parent *etree.Element, path string) string {
	if e := parent.FindElement(path); e != nil {
		return e.Text()
	}
	return ""
}

func boolText(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

// document starts an answer of our own.
func document(name, namespace string) *etree.Document {
	doc := etree.NewDocument()
	doc.CreateProcInst("xml", `version="1.0" encoding="UTF-8"`)
	doc.CreateElement(name).CreateAttr("xmlns", namespace)
	return doc
}

func documentAnswer(doc *etree.Document) (*answer, error) {
	body, err := doc.WriteToBytes()
	return &answer{status: http.StatusOK, requestID: uuid.NewString(), body: body}, err
}

// errorAnswer has the form of EC2's errors, or that of the other services.
func errorAnswer(isEC2 bool, err error) *answer {
	status, id := http.StatusBadRequest, uuid.NewString()
	var refused *queryError
	if !errors.As(err, &refused) {
		status, refused = http.StatusInternalServerError, &queryError{code: "InternalFailure", message: err.Error()}
	}
	doc := etree.NewDocument()
	var e *etree.Element
	if isEC2 {
		root := doc.CreateElement("Response")
		e = root.CreateElement("Errors").CreateElement("Error")
		set(root, "RequestID", id)
	} else {
		root := doc.CreateElement("ErrorResponse")
		e = root.CreateElement("Error")
		set(e, "Type", "Sender")
		set(root, "RequestId", id)
	}
	set(e, "Code", refused.code)
	set(e, "Message", refused.message)
	body, _ := doc.WriteToBytes() // into memory
	return &answer{status: status, requestID: id, body: body}
}
