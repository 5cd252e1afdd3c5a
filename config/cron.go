package config

import (
	"regexp"
	"strings"
)

var (
	cronBody   = regexp.MustCompile(`^cron\((.+)\)$`)
	cronFields = []*regexp.Regexp{
		regexp.MustCompile(`^[0-9*,/-]+$`),        // minutes
		regexp.MustCompile(`^[0-9*,/-]+$`),        // hours
		regexp.MustCompile(`^[0-9*,/?LW-]+$`),     // day of the month
		regexp.MustCompile(`^[0-9A-Z*,/-]+$`),     // month
		regexp.MustCompile(`^[0-9A-Z*,/?L#-]+$`),  // day of the week
		regexp.MustCompile(`^([0-9,/-]{4,}|\*)$`), // year
	}
)

// cronProblem says what is allowed if text is not a schedule that Glue takes.
// Glue knows cron only, not rate:
// https://docs.aws.amazon.com/glue/latest/dg/monitor-data-warehouse-schedule.html
func cronProblem(text string) string {
	const allowed = "cron(minutes hours day-of-month month day-of-week year) such as cron(0 * * * ? *)"
	body := cronBody.FindStringSubmatch(text)
	if body == nil {
		return allowed
	}
	fields := strings.Fields(body[1])
	if len(fields) != len(cronFields) {
		return allowed
	}
	for i, f := range fields {
		if !cronFields[i].MatchString(f) {
			return allowed
		}
	}
	if (fields[2] == "?") == (fields[4] == "?") {
		return allowed + ", with ? as exactly one of the two days"
	}
	return ""
}
