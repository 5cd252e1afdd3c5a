package query

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// unescape undoes the escapes of the mysql client's batch mode.
// https://dev.mysql.com/doc/refman/8.4/en/mysql-command-options.html#option_mysql_batch
var unescape = strings.NewReplacer(`\\`, `\`, `\t`, "\t", `\n`, "\n", `\0`, "\x00")

// visitTabSeparated reads the output of the mysql client's batch mode: the names of
// the columns, then rows of tab-separated values. The client prints null and the
// string NULL in the same way, so both are read as null.
func visitTabSeparated(in io.Reader, to Visitor) error {
	lines := bufio.NewReader(in)
	width := 0
	for n := 1; ; n++ {
		line, err := lines.ReadString('\n')
		if err == io.EOF && line == "" {
			return nil
		}
		if err != nil && err != io.EOF {
			return fmt.Errorf("read rows: %w", err)
		}
		texts := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if n == 1 {
			for i := range texts {
				texts[i] = unescape.Replace(texts[i])
			}
			width = len(texts)
			to.SetColumns(texts)
			continue
		}
		if len(texts) != width {
			return fmt.Errorf("row %d has %d values, not %d", n-1, len(texts), width)
		}
		if err := to.Row(tabSeparatedCells(texts)); err != nil {
			return err
		}
	}
}

func tabSeparatedCells(texts []string) []Cell {
	cells := make([]Cell, len(texts))
	for i, text := range texts {
		if text == null {
			cells[i].Null = true
		} else {
			cells[i].Text = unescape.Replace(text)
		}
	}
	return cells
}
