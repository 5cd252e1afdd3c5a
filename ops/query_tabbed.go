package ops

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// unescape undoes what the mysql client does to values in its batch mode.
// https://dev.mysql.com/doc/refman/8.4/en/mysql-command-options.html#option_mysql_batch
var unescape = strings.NewReplacer(`\\`, `\`, `\t`, "\t", `\n`, "\n", `\0`, "\x00")

// visitTabbed reads the output of the mysql client's batch mode: rows of
// tab-separated values, the first one with the columns' names.
func visitTabbed(in io.Reader, to visitor) error {
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
		values := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		for i := range values {
			values[i] = unescape.Replace(values[i])
		}
		if n == 1 {
			width = len(values)
			to.columns(values)
			continue
		}
		if len(values) != width {
			return fmt.Errorf("row %d has %d values, not %d", n-1, len(values), width)
		}
		if err := to.row(values); err != nil {
			return err
		}
	}
}
