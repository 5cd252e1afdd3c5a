package trim

import (
	"bytes"
	_ "embed"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
)

// pausePackage is the path of package pause in the provider.
const pausePackage = Provider + "/pause"

//go:embed pause/pause.go
var pauseSource []byte

// pauses are the settings with fixed pauses of the provider's waiters: fields and
// options.
var (
	pauseFields  = []string{"Delay", "MinTimeout", "PollInterval"}
	pauseOptions = []string{"WithDelay", "WithMinTimeout", "WithPollInterval", "Sleep"}
	waiters      = []string{"StateChangeConf", "WaitOpts", "Options"}
)

// shortenWaits wraps each fixed pause in the source in a call of package pause.
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
	e := newEdit(src, f)
	for _, w := range waits {
		e.insert(w.Pos(), "pause.Of(")
		e.insert(w.End(), ")")
	}
	return e.result(), nil
}

// setEndpoints makes the provider pass its endpoints to package pause when it is
// configured.
func setEndpoints(src []byte) ([]byte, error) {
	f, err := parser.ParseFile(token.NewFileSet(), "", src, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Name.Name != "ConfigureProvider" || fn.Recv == nil {
			continue
		}
		e := newEdit(src, f)
		e.insert(fn.Body.Lbrace+1, "\n\tpause.For("+fn.Recv.List[0].Names[0].Name+".Endpoints)")
		return e.result(), nil
	}
	return nil, errors.New("no method ConfigureProvider")
}

// edit inserts text into a source file that then needs package pause.
type edit struct {
	src     []byte
	base    token.Pos
	inserts map[token.Pos]string
}

func newEdit(src []byte, f *ast.File) *edit {
	e := &edit{src: src, base: f.FileStart, inserts: map[token.Pos]string{}}
	e.insert(f.Name.End(), "\n\nimport \""+pausePackage+"\"\n")
	return e
}

func (e *edit) insert(at token.Pos, text string) { e.inserts[at] += text }

func (e *edit) result() []byte {
	var out bytes.Buffer
	last := e.base
	for _, at := range slices.Sorted(maps.Keys(e.inserts)) {
		out.Write(e.src[last-e.base : at-e.base])
		out.WriteString(e.inserts[at])
		last = at
	}
	out.Write(e.src[last-e.base:])
	return out.Bytes()
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

// selected returns the name after the dot of pkg.Name.
func selected(e ast.Expr) string {
	if s, ok := e.(*ast.SelectorExpr); ok {
		return s.Sel.Name
	}
	return ""
}
