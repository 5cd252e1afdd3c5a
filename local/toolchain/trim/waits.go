package trim

import (
	"bytes"
	_ "embed"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
)

// pausePackage is written into the provider.
const pausePackage = Provider + "/pause"

//go:embed pause/pause.go
var pauseSource []byte

// pauses are the settings of the provider's waiters that hold fixed pauses, as
// fields of a waiter and as options of one.
var (
	pauseFields  = []string{"Delay", "MinTimeout", "PollInterval"}
	pauseOptions = []string{"WithDelay", "WithMinTimeout", "WithPollInterval", "Sleep"}
	waiters      = []string{"StateChangeConf", "WaitOpts"}
)

// shortenWaits puts each fixed pause in the source under the control of package
// pause.
func shortenWaits(src []byte) ([]byte, error) {
	f, err := parser.ParseFile(token.NewFileSet(), "", src, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var waits []ast.Expr
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CompositeLit:
			if slices.Contains(waiters, selected(n.Type)) {
				waits = append(waits, pauseValues(n)...)
			}
		case *ast.CallExpr:
			if len(n.Args) == 1 && slices.Contains(pauseOptions, selected(n.Fun)) {
				waits = append(waits, n.Args[0])
			}
		}
		return true
	})
	if len(waits) == 0 {
		return src, nil
	}
	slices.SortFunc(waits, func(a, b ast.Expr) int { return int(a.Pos() - b.Pos()) })
	var out bytes.Buffer
	at := f.FileStart
	text := func(to token.Pos) { out.Write(src[at-f.FileStart : to-f.FileStart]); at = to }
	text(f.Name.End())
	out.WriteString("\n\nimport \"" + pausePackage + "\"\n")
	for _, w := range waits {
		text(w.Pos())
		out.WriteString("pause.Of(")
		text(w.End())
		out.WriteString(")")
	}
	text(f.FileEnd)
	return out.Bytes(), nil
}

func pauseValues(lit *ast.CompositeLit) (values []ast.Expr) {
	for _, e := range lit.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		if key, ok := kv.Key.(*ast.Ident); ok && slices.Contains(pauseFields, key.Name) {
			values = append(values, kv.Value)
		}
	}
	return values
}

// selected is the name after the dot of pkg.Name.
func selected(e ast.Expr) string {
	if s, ok := e.(*ast.SelectorExpr); ok {
		return s.Sel.Name
	}
	return ""
}
