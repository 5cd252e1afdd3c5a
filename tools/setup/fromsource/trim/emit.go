package trim

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// emitModule writes the kept part of a module.
func emitModule(m Module, u *universe, dest string) error {
	imports := map[string]bool{}
	for importPath, p := range u.packages {
		if p == nil || importPath != m.Path && !strings.HasPrefix(importPath, m.Path+"/") {
			continue
		}
		rel := filepath.FromSlash(strings.TrimPrefix(importPath, m.Path))
		if err := emitPackage(p, filepath.Join(m.Dir, rel), filepath.Join(dest, rel), imports); err != nil {
			return err
		}
	}
	return emitGoMod(m, dest, imports)
}

func emitPackage(p *pkg, from, to string, imports map[string]bool) error {
	for _, f := range p.files {
		out := f.emit(imports)
		if out == nil {
			continue
		}
		if err := write(filepath.Join(to, f.name), out); err != nil {
			return err
		}
		for _, name := range embeds(out) {
			b, err := os.ReadFile(filepath.Join(from, name)) //nolint:gosec // beside its source
			if err != nil {
				return err
			}
			if err := write(filepath.Join(to, name), b); err != nil {
				return err
			}
		}
	}
	return nil
}

// emit returns the file with the kept declarations and the imports that they use,
// or nil if none is kept.
func (f *file) emit(imports map[string]bool) []byte {
	var body bytes.Buffer
	used := map[string]bool{}
	for _, d := range f.decls {
		if !d.kept {
			continue
		}
		body.WriteString("\n")
		body.Write(f.text(start(d.node), d.node.End()))
		body.WriteString("\n")
		for name := range d.own {
			used[name] = true
		}
	}
	if body.Len() == 0 {
		return nil
	}
	var out bytes.Buffer
	out.Write(f.text(f.base, f.syntax.Name.End()))
	out.WriteString("\n\nimport (\n")
	for _, s := range f.syntax.Imports {
		if importPath, names := importNames(s); anyUsed(names, used) {
			imports[importPath] = true
			fmt.Fprintf(&out, "\t%s\n", f.text(s.Pos(), s.End()))
		}
	}
	out.WriteString(")\n")
	out.Write(body.Bytes())
	return out.Bytes()
}

func (f *file) text(from, to token.Pos) []byte { return f.src[from-f.base : to-f.base] }

func anyUsed(names []string, used map[string]bool) bool {
	for _, n := range names {
		if n == "_" || used[n] {
			return true
		}
	}
	return false
}

// start returns the position of a declaration's comment.
func start(d ast.Decl) token.Pos {
	var doc *ast.CommentGroup
	switch d := d.(type) {
	case *ast.FuncDecl:
		doc = d.Doc
	case *ast.GenDecl:
		doc = d.Doc
	}
	if doc != nil {
		return doc.Pos()
	}
	return d.Pos()
}

var embedDirective = regexp.MustCompile(`(?m)^//go:embed (\S+)$`)

// embeds returns the files that a source file embeds.
func embeds(src []byte) (names []string) {
	for _, m := range embedDirective.FindAllSubmatch(src, -1) {
		names = append(names, string(m[1]))
	}
	return names
}

func write(path string, b []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // a cache of public source
		return err
	}
	return os.WriteFile(path, b, 0o644) //nolint:gosec // as above
}
