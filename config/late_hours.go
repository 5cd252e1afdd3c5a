package config

import (
	"slices"
	"strings"
	"time"

	"store-events/schema"
)

// lateMargin is how long after its scheduled time a run may finish.
const lateMargin = 2 * time.Hour

// maxLateHours is seven days, the longest range that an alarm of CloudWatch evaluates.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
const maxLateHours = 7 * 24

// LateHours returns the number of hours without a successful run after which events count as
// late: alarmLateHours, or a value derived from the schedule or, if only objects start runs,
// from how often the contract expects an object. It returns 0 if nothing starts runs, or if
// more than seven days can pass between two runs.
func (c Config) LateHours() int {
	if c.Alerts.LateHours > 0 {
		return c.Alerts.LateHours
	}
	longest, known := c.longestPause()
	hours := int((longest + lateMargin).Hours())
	if !known || hours > maxLateHours {
		return 0
	}
	return hours
}

// longestPause returns the longest time between two starts of runs, and false if unknown.
func (c Config) longestPause() (time.Duration, bool) {
	switch {
	case c.Etl.Scheduled():
		return longestPause(c.Etl.Schedule)
	case c.Etl.Triggered() && !c.Common.Paused:
		return freshness(schema.Load().Streams)
	}
	return 0, false
}

// freshness returns the shortest time within which the contract expects a new object in a
// stream, and false if no stream has an expectation.
func freshness(streams []schema.Stream) (time.Duration, bool) {
	var shortest time.Duration
	for _, s := range streams {
		if s.Expect == nil || s.Expect.FreshHours == 0 {
			continue
		}
		if hours := time.Duration(s.Expect.FreshHours) * time.Hour; shortest == 0 || hours < shortest {
			shortest = hours
		}
	}
	return shortest, shortest > 0
}

// longestPause returns the longest time between two starts of a valid schedule, rounded up
// to whole hours, and false if unknown: schedules with years, or with days such as L or 15W,
// are not supported. Minutes are ignored, because they change the result by less than an hour.
func longestPause(schedule string) (time.Duration, bool) {
	fields := strings.Fields(cronBody.FindStringSubmatch(schedule)[1])
	values := make([][]int, len(fields))
	for i, f := range cronFields {
		values[i], _ = f.values(fields[i])
		if len(values[i]) == 0 && fields[i] != "?" {
			return 0, false
		}
	}
	hours, days, months, weekdays := values[1], values[2], values[3], values[4]
	due := func(t time.Time) bool {
		return slices.Contains(months, int(t.Month())) &&
			(len(days) == 0 || slices.Contains(days, t.Day())) &&
			(len(weekdays) == 0 || slices.Contains(weekdays, int(t.Weekday())+1))
	}
	var longest time.Duration
	var last time.Time
	// Eight years contain every date, including 29 February.
	for day := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2032; day = day.AddDate(0, 0, 1) {
		if !due(day) {
			continue
		}
		for _, hour := range hours {
			start := day.Add(time.Duration(hour) * time.Hour)
			if !last.IsZero() {
				longest = max(longest, start.Sub(last))
			}
			last = start
		}
	}
	return longest, longest > 0
}
