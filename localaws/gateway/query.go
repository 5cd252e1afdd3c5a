package gateway

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/beevik/etree"
)

// queryHandler serves one operation of the query protocol, with the emulator's help.
type queryHandler func(ctx context.Context, x *exchange) (*answer, error)

func queryHandlers(services ...interface {
	handlers() map[string]queryHandler
}) map[string]queryHandler {
	all := map[string]queryHandler{}
	for _, s := range services {
		maps.Copy(all, s.handlers())
	}
	return all
}

// queryError is an error of the API, sent to the client unchanged.
type queryError struct{ code, message string }

func (e *queryError) Error() string { return e.code + ": " + e.message }

// exchange is one request with access to the emulator.
type exchange struct {
	form   url.Values
	client *http.Client
	url    string
	header http.Header
}

func (g *Gateway) serveQuery(w http.ResponseWriter, r *http.Request, c *call, handle queryHandler) {
	x := &exchange{form: c.form, client: g.client, url: g.emulator.JoinPath(r.URL.Path).String(), header: r.Header}
	a, err := handle(r.Context(), x)
	if err != nil {
		var refused *queryError
		if !errors.As(err, &refused) {
			g.log.Error("operation failed", "operation", c.name, "error", err)
		}
		a = errorAnswer(c.service() == "ec2", err)
	}
	a.write(w)
}

// get returns a parameter of the request.
func (x *exchange) get(name string) string { return x.form.Get(name) }

// list returns a parameter with the members prefix.1, prefix.2 and so on.
func (x *exchange) list(prefix string) []string {
	var values []string
	for i := 1; x.form.Has(fmt.Sprintf("%s.%d", prefix, i)); i++ {
		values = append(values, x.form.Get(fmt.Sprintf("%s.%d", prefix, i)))
	}
	return values
}

// send forwards the client's request to the emulator, with changes made to the form.
func (x *exchange) send(ctx context.Context) (*answer, error) { return x.post(ctx, x.form) }

// ask sends another operation to the emulator. The emulator's errors are returned as errors.
func (x *exchange) ask(ctx context.Context, action string, parameters url.Values) (*answer, error) {
	form := url.Values{}
	maps.Copy(form, parameters)
	form.Set("Action", action)
	form.Set("Version", x.get("Version"))
	a, err := x.post(ctx, form)
	if err == nil && !a.ok() {
		err = fmt.Errorf("%s: HTTP status %d: %s", action, a.status, a.body)
	}
	return a, err
}

func (x *exchange) post(ctx context.Context, form url.Values) (*answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, x.url, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, fmt.Errorf("request to the emulator: %w", err)
	}
	req.Header = x.header.Clone()
	req.Header.Del("Content-Length")
	if c := (call{name: ":" + form.Get("Action")}); !c.reads() {
		req.GetBody = nil
	}
	resp, err := x.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("the emulator did not answer: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("the emulator's answer: %w", err)
	}
	return &answer{status: resp.StatusCode, requestID: resp.Header.Get("X-Amzn-Requestid"), body: body}, nil
}

// answer is the answer to the client.
type answer struct {
	status    int
	requestID string
	body      []byte
}

func (a *answer) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/xml")
	w.Header().Set("X-Amzn-Requestid", a.requestID)
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
}

func (a *answer) ok() bool { return a.status == http.StatusOK }

// root returns the document, or nil if the answer is an error or not XML.
func (a *answer) root() *etree.Element {
	doc := etree.NewDocument()
	if err := doc.ReadFromBytes(a.body); err != nil || !a.ok() {
		return nil
	}
	return doc.Root()
}

// edit changes the document of a successful answer and leaves errors unchanged.
func (a *answer) edit(change func(root *etree.Element) error) error {
	doc := etree.NewDocument()
	if !a.ok() {
		return nil
	}
	if err := doc.ReadFromBytes(a.body); err != nil {
		return fmt.Errorf("the emulator's answer: %w", err)
	}
	if err := change(doc.Root()); err != nil {
		return err
	}
	var b bytes.Buffer
	if _, err := doc.WriteTo(&b); err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	a.body = b.Bytes()
	return nil
}
