// Command previewcomment renders the comment on a pull request from the output of
// `storeevents preview --output json` for each stack:
//
//	previewcomment -head DIR [-base DIR]
//
// DIR has one <stack>.json for each stack. The files may come from a workflow that
// ran code of a fork: every value is untrusted, and is shown as code only. The
// command imports only the standard library, so that the workflow that may write
// comments compiles nothing else.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

const (
	maxStacks = 10
	maxBytes  = 32 << 20
)

// stackFile is the name of a stack's file.
var stackFile = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}\.json$`)

// preview is the part of a preview's result that the comment shows.
type preview struct {
	Changes    map[string]int `json:"changes"`
	Violations []violation    `json:"violations"`
	DataLoss   []string       `json:"data_loss"`
	Diff       string         `json:"diff"`
	Cost       *estimate      `json:"cost"`
	Error      string         `json:"error"`
}

type violation struct {
	Policy   string `json:"policy"`
	Level    string `json:"level"`
	Resource string `json:"resource"`
	Message  string `json:"message"`
}

type estimate struct {
	MonthlyUSD float64  `json:"monthly_usd"`
	PricesOf   string   `json:"prices_of"`
	Items      []item   `json:"items"`
	Unpriced   []string `json:"unpriced"`
}

type item struct {
	Group string  `json:"group"`
	Name  string  `json:"name"`
	What  string  `json:"what"`
	USD   float64 `json:"usd"`
}

func main() {
	head := flag.String("head", "", "folder with the previews of the change")
	base := flag.String("base", "", "folder with the previews of the base; optional")
	flag.Parse()
	if err := run(os.Stdout, *head, *base); err != nil {
		fmt.Fprintln(os.Stderr, "previewcomment:", err)
		os.Exit(1)
	}
}

func run(out io.Writer, head, base string) error {
	previews, err := readAll(head)
	if err != nil {
		return err
	}
	if len(previews) == 0 {
		return fmt.Errorf("-head %s: has no <stack>.json", head)
	}
	before, err := readAll(base)
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, render(previews, before))
	return err
}

// readAll reads the previews of a folder by stack. A missing folder has none.
func readAll(dir string) (map[string]preview, error) {
	info, err := os.Lstat(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("%s: is not a folder", dir) // A symbolic link could point anywhere.
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	entries = slices.DeleteFunc(entries, func(e os.DirEntry) bool { return !stackFile.MatchString(e.Name()) || !e.Type().IsRegular() })
	if len(entries) > maxStacks {
		return nil, fmt.Errorf("%s: %d stacks, more than %d", dir, len(entries), maxStacks)
	}
	previews := map[string]preview{}
	for _, e := range entries {
		p, err := read(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		previews[strings.TrimSuffix(e.Name(), ".json")] = p
	}
	return previews, nil
}

func read(file string) (preview, error) {
	var p preview
	f, err := os.Open(file) //nolint:gosec // A file of the folder that the caller names.
	if err != nil {
		return p, err
	}
	defer func() { _ = f.Close() }()
	if err := json.NewDecoder(io.LimitReader(f, maxBytes)).Decode(&p); err != nil {
		return p, fmt.Errorf("%s: %w", file, err)
	}
	return p, nil
}
