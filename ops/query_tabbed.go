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
// tab-separated values, the first one with the columns' names. The client prints
// a null value and the text NULL alike: both are taken for null.
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
		texts := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if n == 1 {
			for i := range texts {
				texts[i] = unescape.Replace(texts[i])
			}
			width = len(texts)
			to.columns(texts)
			continue
		}
		values := make([]Cell, len(texts))
		for i, text := range texts {
			if values[i] = (Cell{Text: unescape.Replace(text)}); text == null {
				values[i] = Cell{Null: true}
			}
		}
		if len(values) != width {
			return fmt.Errorf("row %d has %d values, not %d", n-1, len(values), width)
		}
		if err := to.row(values); err != nil {
			return err
		}
	}
}
