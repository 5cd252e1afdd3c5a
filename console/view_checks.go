package console

import (
	"net/http"
	"sync"
	"time"
)

// checks stores the last result, because checking the stack takes some seconds.
type checks struct {
	mu     sync.Mutex
	result *Checks
	at     time.Time
	failed string
}

type checksData struct {
	Result *Checks
	Ran    time.Time
	Failed string
}

func (c *Console) checksShow(*http.Request) (pageContent, error) {
	c.checks.mu.Lock()
	defer c.checks.mu.Unlock()
	return pageContent{
		template: "checks", nav: "checks", title: "Policies and cost",
		data: checksData{c.checks.result, c.checks.at, c.checks.failed},
	}, nil
}

// checksRun checks the stack and shows the result.
func (c *Console) checksRun(w http.ResponseWriter, r *http.Request) {
	result, err := c.Check(r.Context())
	c.checks.mu.Lock()
	defer c.checks.mu.Unlock()
	c.checks.at = c.Now().UTC()
	if c.checks.failed = ""; err != nil {
		c.checks.failed = err.Error()
	} else {
		c.checks.result = &result
	}
	http.Redirect(w, r, "/checks", http.StatusSeeOther)
}
