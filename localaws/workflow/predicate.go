package workflow

// Predicate contains the conditions for firing a conditional trigger.
type Predicate struct {
	Logical    string      `json:",omitempty"`
	Conditions []Condition `json:",omitempty"`
}

// Condition watches one job or one crawler.
type Condition struct {
	LogicalOperator string `json:",omitempty"`
	JobName         string `json:",omitempty"`
	State           string `json:",omitempty"`
	CrawlerName     string `json:",omitempty"`
	CrawlState      string `json:",omitempty"`
}

const logicalAny = "ANY"

func (p *Predicate) check() error {
	if len(p.Conditions) == 0 {
		return refuse("Predicate has no conditions")
	}
	if p.Logical != "" && p.Logical != "AND" && p.Logical != logicalAny {
		return refuse("Logical %q is not one of AND, ANY", p.Logical)
	}
	if p.Logical == "" && len(p.Conditions) > 1 {
		return refuse("Logical is required with more than one condition")
	}
	for _, c := range p.Conditions {
		if c.LogicalOperator == "" {
			return refuse("Logical operator cannot be null or empty")
		}
		if (c.JobName == "") == (c.CrawlerName == "") {
			return refuse("a condition must name either a job or a crawler")
		}
		if (c.JobName != "") != (c.State != "") || (c.CrawlerName != "") != (c.CrawlState != "") {
			return refuse("a condition on a job needs State, and a condition on a crawler needs CrawlState")
		}
	}
	return nil
}

// satisfied reports whether the latest action of each job and crawler meets the conditions.
func (p *Predicate) satisfied(actions []action) bool {
	for _, c := range p.Conditions {
		met := c.met(actions)
		if met && p.Logical == logicalAny {
			return true
		}
		if !met && p.Logical != logicalAny {
			return false
		}
	}
	return p.Logical != logicalAny
}

func (c Condition) met(actions []action) bool {
	kind, name, state := c.watched()
	for i := len(actions) - 1; i >= 0; i-- {
		if actions[i].Kind == kind && actions[i].Name == name {
			return actions[i].State == state
		}
	}
	return false
}

func (c Condition) watched() (kind, name, state string) {
	if c.JobName != "" {
		return job, c.JobName, c.State
	}
	return crawler, c.CrawlerName, c.CrawlState
}
