package console

import (
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"store-events/internal/printable"
	"store-events/ops"
)

const (
	versionsOnPage = 50
	linesOnPage    = 50
	// mostShown is the maximum number of bytes of a line on a page.
	mostShown = 4 << 10
	// mostDumped is the maximum number of bytes in the hexadecimal view.
	mostDumped = 512
)

// quarantineData is a page of the list of versions with invalid lines.
type quarantineData struct {
	ops.QuarantinePage
	Stream         string
	After          int
	Previous, Next int
}

func (c *Console) quarantine(r *http.Request) (pageContent, error) {
	s := pageContent{template: "quarantine", nav: "quarantine", title: "Quarantine"}
	after, err := number(r, "after")
	if err != nil {
		return s, err
	}
	stream := r.URL.Query().Get("stream")
	if stream != "" && !slices.Contains(c.Streams, stream) {
		return s, inputError{fmt.Errorf("stream %q: must be %s", stream, strings.Join(c.Streams, " or "))}
	}
	page, err := c.Source.QuarantinePage(r.Context(), stream, after, versionsOnPage)
	if err != nil {
		return s, err
	}
	s.data = newQuarantine(page, stream, after)
	return s, nil
}

func newQuarantine(page ops.QuarantinePage, stream string, after int) quarantineData {
	d := quarantineData{QuarantinePage: page, Stream: stream, After: after}
	d.Previous, d.Next = offsets(after, versionsOnPage, page.Versions)
	return d
}

// linesData is a page of the invalid lines of one version.
type linesData struct {
	ops.QuarantineLines
	Rows           []entryRow
	After          int
	Previous, Next int
}

type entryRow struct {
	ops.QuarantineEntry
	Text string // Safe to show.
	Cut  bool   // There is more of the line.
	Dump string // Hexadecimal, if the text does not show the bytes.
	Size int
}

func (c *Console) quarantineLines(r *http.Request) (pageContent, error) {
	s := pageContent{template: "lines", nav: "quarantine", title: "Quarantined lines"}
	after, err := number(r, "after")
	if err != nil {
		return s, err
	}
	q := r.URL.Query()
	lines, err := c.Source.QuarantineLines(r.Context(), q.Get("object"), q.Get("version"), after, linesOnPage)
	if err != nil {
		return s, err
	}
	d := linesData{QuarantineLines: lines, After: after}
	d.Previous, d.Next = offsets(after, linesOnPage, lines.Total)
	for _, e := range lines.Entries {
		d.Rows = append(d.Rows, newEntryRow(e))
	}
	s.data = d
	return s, nil
}

func newEntryRow(e ops.QuarantineEntry) entryRow {
	raw := e.Raw()
	row := entryRow{QuarantineEntry: e, Size: max(e.Bytes, len(raw)), Cut: len(raw) > mostShown || e.Bytes > len(raw)}
	row.Text = printable.Line(string(raw[:min(len(raw), mostShown)]))
	if plain := string(raw[:min(len(raw), mostShown)]); plain != row.Text {
		row.Dump = hex.Dump(raw[:min(len(raw), mostDumped)])
	}
	return row
}

// editData is the form that corrects one line.
type editData struct {
	Object, Version string
	Line            int
	Entry           entryRow
	Text            string
	Changed         bool // Text differs from the line's bytes.
}

func (c *Console) quarantineEdit(r *http.Request) (pageContent, error) {
	s := pageContent{template: "edit", nav: "quarantine", title: "Correct a line"}
	line, err := number(r, "line")
	if err != nil {
		return s, err
	}
	q := r.URL.Query()
	e, err := c.Source.QuarantineLine(r.Context(), q.Get("object"), q.Get("version"), line)
	if err != nil {
		return s, err
	}
	d := editData{Object: q.Get("object"), Version: q.Get("version"), Line: line, Entry: newEntryRow(e)}
	d.Text = editable(e.Raw())
	d.Changed = d.Text != string(e.Raw())
	s.data = d
	return s, nil
}

// editable returns a line as text for a form, with control characters as JSON escapes and
// invalid UTF-8 replaced. White space between JSON values is unchanged, because escapes
// are valid only inside strings.
func editable(raw []byte) string {
	var b strings.Builder
	inString, escaped := false, false
	for len(raw) > 0 {
		r, size := utf8.DecodeRune(raw)
		if r == '"' && !escaped {
			inString = !inString
		}
		escaped = inString && r == '\\' && !escaped
		switch {
		case r == utf8.RuneError:
			b.WriteRune(utf8.RuneError)
		case unicode.IsPrint(r), !inString && strings.ContainsRune("\t\n\r", r):
			b.WriteRune(r)
		case r > 0xffff:
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+(r-0x10000)>>10, 0xdc00+(r-0x10000)&0x3ff)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
		raw = raw[size:]
	}
	return b.String()
}

// replayStart begins a replay of a corrected line, or of the whole quarantine.
func (c *Console) replayStart(w http.ResponseWriter, r *http.Request) {
	s := pageContent{template: "replay", nav: "quarantine", title: "Replay"}
	text := strings.TrimSpace(r.PostForm.Get("line"))
	var started bool
	switch what := r.PostForm.Get("what"); what {
	case "all":
		started = c.replay.start(c.lifetime, c.Now, "all quarantined lines", c.replayAll)
	case "line":
		request := ops.ReplayFileRequest{Stream: r.PostForm.Get("stream"), Day: r.PostForm.Get("day")}
		started = c.replay.start(c.lifetime, c.Now, "a corrected line", c.replayLine(text, request))
	default:
		c.refuse(w, r, s, inputError{fmt.Errorf("what %q: must be all or line", what)})
		return
	}
	if !started {
		err := fmt.Errorf("%w: another replay is running; send this one again when it has ended", errNothingStarted)
		if text != "" { // The page no longer contains the form.
			err = fmt.Errorf("%w\n\nThe corrected line was:\n%s", err, text)
		}
		c.refuse(w, r, s, err)
		return
	}
	http.Redirect(w, r, "/quarantine/replay", http.StatusSeeOther)
}

func (c *Console) replayShow(*http.Request) (pageContent, error) {
	last := c.replay.last()
	if last.What == "" {
		return pageContent{template: "replay", nav: "quarantine", title: "Replay"}, errNothingReplayed
	}
	return pageContent{template: "replay", nav: "quarantine", title: "Replay", data: last, live: last.Ended.IsZero()}, nil
}
