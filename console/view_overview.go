package console

import (
	"net/http"

	"store-events/ops"
)

// overviewData is the data of the overview.
type overviewData struct {
	Status   ops.Status
	Picture  picture
	Troubles []ops.Part // Parts that need attention.
	Last     *runRow
	Runs     []runRow
}

func (c *Console) overview(r *http.Request) (pageContent, error) {
	status, err := c.status.get(r.Context())
	s := pageContent{template: "overview", nav: "overview", title: "Overview", live: true}
	if err != nil {
		return s, err
	}
	s.data = newOverview(status)
	return s, nil
}

func newOverview(status ops.Status) overviewData {
	d := overviewData{Status: status, Picture: newPicture(status), Runs: runRows(status.Runs)}
	for _, part := range status.Parts {
		if status.Paused && part.Kind == "database" && part.State == "stopped" {
			continue // Expected.
		}
		if t := toneOf(part); t == bad || t == warn {
			d.Troubles = append(d.Troubles, part)
		}
	}
	if len(d.Runs) > 0 {
		d.Last = &d.Runs[0]
	}
	return d
}
