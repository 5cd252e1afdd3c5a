package crawler

import "fmt"

// line is one line of a crawl's log.
type line struct {
	Level, Text string
}

// String returns the line in Glue's format, without the crawl's ID.
func (l line) String() string { return l.Level + " : " + l.Text }

func benchmark(format string, args ...any) line {
	return line{"BENCHMARK", fmt.Sprintf(format, args...)}
}
func info(format string, args ...any) line    { return line{"INFO", fmt.Sprintf(format, args...)} }
func warn(format string, args ...any) line    { return line{"WARN", fmt.Sprintf(format, args...)} }
func failure(format string, args ...any) line { return line{"ERROR", fmt.Sprintf(format, args...)} }
