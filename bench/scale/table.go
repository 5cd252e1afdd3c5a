package scale

import (
	"fmt"
	"strconv"
	"strings"
)

// Table returns the needs of some numbers of events a day as a Markdown table.
func Table(c Constants, p Prices, perDay []float64) string {
	rows := []struct {
		name string
		cell func(Needs) string
	}{
		{"events a second, on average", func(n Needs) string { return number(n.PerSecond) }},
		{"busy CPU cores of the workers", func(n Needs) string { return number(n.WorkerProcessors) }},
		{"busy CPU cores of the database", func(n Needs) string { return number(n.DatabaseProcessors) }},
		{"database writes, MB a second", func(n Needs) string { return number(n.WrittenMBPerSecond) }},
		{"growth of the table, GiB a day", func(n Needs) string { return number(n.TableGiBPerDay) }},
		{"index over the hash after 30 days, GiB", func(n Needs) string { return number(n.IndexGiB) }},
		{"a run's listing after 30 days, seconds", func(n Needs) string { return number(n.ListingSeconds) }},
		{"memory of `verify` for one day, GiB", func(n Needs) string { return number(n.VerifyGiB) }},
	}
	var b strings.Builder
	b.WriteString("| events a day |")
	for _, one := range perDay {
		fmt.Fprintf(&b, " %s |", inWords(one))
	}
	b.WriteString("\n|" + strings.Repeat(" --- |", len(perDay)+1) + "\n")
	for _, row := range rows {
		fmt.Fprintf(&b, "| %s |", row.name)
		for _, one := range perDay {
			fmt.Fprintf(&b, " %s |", row.cell(c.Of(one, p)))
		}
		b.WriteString("\n")
	}
	n := c.Of(million, p)
	fmt.Fprintf(&b, "\nA million events cost %.5f USD of the workers' time and %.3f USD a month of database storage.\n", n.WorkerUSDPerMillion, n.StorageUSDPerMillion)
	return b.String()
}

// inWords formats a number of at least a million.
func inWords(x float64) string {
	unit, name := float64(million), " million"
	if x >= 1000*million {
		unit, name = 1000*million, " billion"
	}
	return strconv.FormatFloat(x/unit, 'f', -1, 64) + name
}

// number formats with two significant digits below 10, and without decimals from 10.
func number(x float64) string {
	switch {
	case x >= 10:
		return thousands(strconv.FormatFloat(x, 'f', 0, 64))
	case x >= 1:
		return strconv.FormatFloat(x, 'f', 1, 64)
	default:
		return strconv.FormatFloat(x, 'g', 2, 64)
	}
}

func thousands(digits string) string {
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
