package rule

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"store-events/policy/aws"
	"store-events/policy/value"
)

// StopDatabase is the end of the ARN, which has no account, of AWS's runbook that stops a
// DB instance.
// https://docs.aws.amazon.com/systems-manager-automation-runbooks/latest/userguide/automation-aws-stoprdsinstance.html
const StopDatabase = "::automation-definition/AWS-StopRdsInstance"

// StopsDatabase reports whether an event target is the runbook StopDatabase.
func (r Resource) StopsDatabase() bool {
	arn, err := r.Get("arn").Text()
	name, _, _ := strings.Cut(arn, ":$")
	return err == nil && strings.HasPrefix(arn, "arn:aws") && strings.HasSuffix(name, StopDatabase)
}

// DatabaseStopped reports whether the stack keeps all of its databases stopped, as in a
// paused stack. Then no client can log in.
func (s Stack) DatabaseStopped() bool {
	databases := s.Of(aws.DBInstance)
	return len(databases) > 0 && !slices.ContainsFunc(databases, func(d Resource) bool { return !s.KeptStopped(d) })
}

// KeptStopped reports whether a rule of EventBridge stops a database at least once a
// week, because AWS starts a stopped database after seven days.
func (s Stack) KeptStopped(database Resource) bool {
	return slices.ContainsFunc(s.Of(aws.EventTarget), func(target Resource) bool {
		return target.StopsDatabase() && target.stops(database) &&
			slices.ContainsFunc(s.Of(aws.EventRule), func(r Resource) bool {
				return Refers(target, target.Get("rule"), r) == Yes && r.runsWeekly()
			})
	})
}

// stops reports whether the input of a target refers to a database: by its identifier or,
// before it exists, by the origin of the input.
func (r Resource) stops(database Resource) bool {
	input := r.Get("input")
	if input.State() == value.Unknown {
		return Refers(r, input, database) == Yes
	}
	text, err := input.Text()
	var parameters struct{ InstanceId []string } //nolint:revive // The runbook's name for it.
	if err != nil || json.Unmarshal([]byte(text), &parameters) != nil {
		return false
	}
	for _, properties := range []value.Value{value.Of(database.Outputs), database.Get()} {
		id, err := properties.Get("identifier").Text()
		if err == nil && id != "" && slices.Contains(parameters.InstanceId, id) {
			return true
		}
	}
	return false
}

var (
	rate = regexp.MustCompile(`^rate\((\d+) (minute|hour|day)s?\)$`)
	// weekly matches schedules on every day of the month, or on days of the week, except on
	// the nth or last such day of a month: 2#1, 6L.
	weekly = regexp.MustCompile(`^cron\(\S+ \S+ [*?] \* [^\s#L]+ \*\)$`)
)

// runsWeekly reports whether an enabled rule of EventBridge has a schedule that runs at
// least once in seven days.
func (r Resource) runsWeekly() bool {
	schedule, err := r.Get("scheduleExpression").Text()
	state, unreadState := r.Get("state").Text()
	enabled, unread := r.Get("isEnabled").Bool()
	off := state == "DISABLED" || !enabled && r.Get("isEnabled").State() != value.Missing
	if err != nil || unreadState != nil || unread != nil || off {
		return false
	}
	match := rate.FindStringSubmatch(schedule)
	if match == nil {
		return weekly.MatchString(schedule)
	}
	n, err := strconv.Atoi(match[1])
	return err == nil && (match[2] != "day" || n <= 7) && (match[2] != "hour" || n <= 7*24) && (match[2] != "minute" || n <= 7*24*60)
}
