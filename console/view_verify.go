package console

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// verifyStart starts a comparison of events, rows, Parquet and quarantine.
func (c *Console) verifyStart(w http.ResponseWriter, r *http.Request) {
	if !c.verify.start(c.lifetime, c.Now, "events, rows, Parquet and quarantine", c.compare) {
		c.refuse(w, r, pageContent{template: "verify", nav: "verify", title: "Verify"}, fmt.Errorf("%w: a comparison is already running", errNothingStarted))
		return
	}
	http.Redirect(w, r, "/verify", http.StatusSeeOther)
}

// compare returns a summary, and the differences as an error.
func (c *Console) compare(ctx context.Context) ([]string, error) {
	v, err := c.Source.Verify(ctx)
	if err != nil {
		return nil, err
	}
	return strings.Split(strings.TrimSpace(v.Summary()), "\n"), v.Err()
}

func (c *Console) verifyShow(*http.Request) (pageContent, error) {
	last := c.verify.last()
	return pageContent{template: "verify", nav: "verify", title: "Verify", data: last, live: last.What != "" && last.Ended.IsZero()}, nil
}
