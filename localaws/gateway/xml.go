package gateway

import (
	"errors"
	"net/http"

	"github.com/beevik/etree"
	"github.com/google/uuid"
)

// set sets the text of a child element, which it creates if missing.
func set(parent *etree.Element, name, value string) {
	child(parent, name).SetText(value)
}

// child returns the element of that name, which it creates if missing.
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

// text returns the text of a child element, or an empty string.
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

// document starts an answer built here.
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

// errorAnswer is an error in the form of EC2, or in that of the other services.
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
	body, _ := doc.WriteToBytes() // Writes to memory.
	return &answer{status: status, requestID: id, body: body}
}
