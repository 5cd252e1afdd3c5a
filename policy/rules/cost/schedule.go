package cost

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"store-events/policy/aws"
	"store-events/policy/price"
	"store-events/policy/rule"
	"store-events/policy/value"
)

// runsOf returns how often per month scheduled and conditional triggers start a crawler or a job. key is the key of its
// name in their actions.
func runsOf(s rule.Stack, r rule.Resource, key string) (float64, []rule.Finding) {
	return starts(s, r, key, map[string]bool{})
}

func starts(s rule.Stack, r rule.Resource, key string, seen map[string]bool) (runs float64, findings []rule.Finding) {
	if seen[r.URN] {
		return 0, nil // A cycle of triggers only starts manually.
	}
	seen[r.URN] = true
	for _, trigger := range s.Of(aws.GlueTrigger) {
		if !names(trigger, trigger.Get("actions"), key, r) {
			continue
		}
		n, unreadable := fires(s, trigger, seen)
		runs += n
		findings = append(findings, rule.On(trigger, unreadable)...)
	}
	return runs, findings
}

// names reports whether one of a list of actions or conditions refers to the resource.
func names(trigger rule.Resource, list value.Value, key string, r rule.Resource) bool {
	for _, e := range list.Elements() {
		if rule.Refers(trigger, e.Get(key), r) == rule.Yes {
			return true
		}
	}
	return false
}

// fires returns how often per month a trigger fires.
func fires(s rule.Stack, trigger rule.Resource, seen map[string]bool) (float64, []rule.Finding) {
	if on, err := trigger.Get("enabled").Bool(); err == nil && !on && trigger.Get("enabled").State() == value.Known {
		return 0, nil
	}
	if trigger.Get("schedule").State() != value.Missing {
		n, err := perMonth(trigger.Get("schedule"))
		return n, rule.Unreadable(err)
	}
	var highest float64
	var findings []rule.Finding
	conditions := trigger.Get("predicate", "conditions")
	for _, by := range []struct{ resourceType, key string }{{aws.GlueCrawler, "crawlerName"}, {aws.GlueJob, "jobName"}} {
		for _, r := range s.Of(by.resourceType) {
			if names(trigger, conditions, by.key, r) {
				n, unreadable := starts(s, r, by.key, seen)
				highest = max(highest, n)
				findings = append(findings, unreadable...)
			}
		}
	}
	return highest, findings
}

var (
	rate  = regexp.MustCompile(`^rate\((\d+) (minute|hour|day)s?\)$`)
	field = regexp.MustCompile(`^(\*|\?|\d+(?:-\d+)?)(?:/(\d+))?$`)
)

// perMonth returns how often per month a schedule of Glue or EventBridge runs; 0 if it is missing.
// See https://docs.aws.amazon.com/glue/latest/dg/monitor-data-warehouse-schedule.html.
func perMonth(v value.Value) (float64, error) {
	text, err := v.Text()
	if err != nil || text == "" {
		return 0, err
	}
	if m := rate.FindStringSubmatch(text); m != nil {
		n, _ := strconv.ParseFloat(m[1], 64)
		return price.HoursPerMonth * map[string]float64{"minute": 60, "hour": 1, "day": 1.0 / 24}[m[2]] / max(n, 1), nil
	}
	fields := strings.Fields(strings.TrimSuffix(strings.TrimPrefix(text, "cron("), ")"))
	if len(fields) != 6 {
		return 0, &value.Error{Path: v.Path(), Want: "a schedule expression", Got: "another string"}
	}
	perDay := count(fields[0], 60) * count(fields[1], 24)
	days := count(fields[2], 365.0/12) * count(fields[3], 12) / 12 * count(fields[4], 7) / 7
	return perDay * days, nil
}

// numbered replaces the names of days and months by their numbers.
var numbered = strings.NewReplacer(
	"SUN", "1", "MON", "2", "TUE", "3", "WED", "4", "THU", "5", "FRI", "6", "SAT", "7",
	"JAN", "1", "FEB", "2", "MAR", "3", "APR", "4", "MAY", "5", "JUN", "6",
	"JUL", "7", "AUG", "8", "SEP", "9", "OCT", "10", "NOV", "11", "DEC", "12",
)

// count returns how many of the possible values a cron field matches. Unsupported forms, such as
// the last day of a month, count as one.
func count(text string, of float64) float64 {
	var n float64
	for _, part := range strings.Split(numbered.Replace(strings.ToUpper(text)), ",") {
		m := field.FindStringSubmatch(part)
		switch {
		case m == nil:
			n++
		case m[2] == "":
			n += span(m[1], false, of)
		default:
			n += math.Ceil(span(m[1], true, of) / step(m[2]))
		}
	}
	return min(n, of)
}

func span(text string, stepped bool, of float64) float64 {
	from, to, isRange := strings.Cut(text, "-")
	first, _ := strconv.ParseFloat(from, 64)
	last, _ := strconv.ParseFloat(to, 64)
	switch {
	case text == "*" || text == "?":
		return of
	case isRange:
		return max(last-first+1, 1)
	case stepped:
		return max(of-first, 1)
	default:
		return 1
	}
}

func step(text string) float64 {
	n, _ := strconv.ParseFloat(text, 64)
	return max(n, 1)
}
