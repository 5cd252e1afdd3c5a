package cloud

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/gorilla/mux"
)

// The types that the other files of the package use.
type (
	ParamSpec struct {
		Name        string   `json:"name"`
		In          string   `json:"in"`
		Type        string   `json:"type"`
		Required    bool     `json:"required,omitempty"`
		Description string   `json:"description,omitempty"`
		Values      []string `json:"values,omitempty"`
	}
	ResponseSpec struct {
		Status, Description, ContentType, SchemaText, SchemaMarkdown string
		SchemaJSON                                                   json.RawMessage
	}
	ErrorRef  struct{ Status, Description string }
	Operation struct {
		OperationID, Method, Path, Summary, Description, Tag string
		Params                                               []ParamSpec
		HasBody, IsPreview, IsDeprecated                     bool
		BodyContentType, ResponseContentType, BodySchemaText string
		ResponseSchemaText, BodySchemaMarkdown, SupersededBy string
		SuccessContentTypes                                  []string
		BodySchemaJSON, ResponseSchemaJSON                   json.RawMessage
		InlineResponses                                      []ResponseSpec
		StockErrors                                          []ErrorRef
	}
	Index struct {
		Operations  []*Operation
		ByKey       map[string]*Operation
		SpecVersion string
		router      *mux.Router
	}
)

var methodPrecedence = map[string]int{}

func (o *Operation) Key() string { return o.Method + " " + o.Path }

func mdInline(s string) string { return strings.TrimSpace(s) }

func markdownEnumTail([]string) string { return "" }

// LoadIndex always fails: this build cannot read the API's description.
func LoadIndex(context.Context, io.Writer, bool) (*Index, error) {
	return nil, errors.New("this build of the Pulumi CLI has no `pulumi cloud api`")
}
