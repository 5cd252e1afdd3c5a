package query

import "github.com/beevik/etree"

// Set sets the text of a child element, and creates the element if it is missing.
func Set(parent *etree.Element, name, value string) {
	Child(parent, name).SetText(value)
}

// Child returns the child element, and creates it if it is missing.
func Child(parent *etree.Element, name string) *etree.Element {
	if e := parent.SelectElement(name); e != nil {
		return e
	}
	return parent.CreateElement(name)
}

// SetList replaces the members of a list element.
func SetList(parent *etree.Element, name, member string, values []string) {
	list := Child(parent, name)
	list.Child = nil
	for _, value := range values {
		list.CreateElement(member).SetText(value)
	}
}

// Text returns the text of a child element, or an empty string.
func Text(parent *etree.Element, path string) string {
	if e := parent.FindElement(path); e != nil {
		return e.Text()
	}
	return ""
}

// Document returns a document with a root element.
func Document(name, namespace string) *etree.Document {
	doc := etree.NewDocument()
	doc.CreateProcInst("xml", `version="1.0" encoding="UTF-8"`)
	doc.CreateElement(name).CreateAttr("xmlns", namespace)
	return doc
}
