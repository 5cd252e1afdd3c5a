package trim

import (
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// universe is the source in which references are followed. Packages are read when they
// are first reached.
type universe struct {
	modules  []Module
	packages map[string]*pkg
	// rewrite changes a file before it is read.
	rewrite func(importPath, file string, src []byte) ([]byte, error)
}

// pkg is a package; its declarations are found by name, methods by receiver.
type pkg struct {
	path    string
	files   []*file
	named   map[string][]*decl
	methods map[string][]*decl
	inits   []*decl
}

type file struct {
	name   string
	src    []byte
	syntax *ast.File
	// base is the position of the file's first byte.
	base  token.Pos
	decls []*decl
}

// load returns a package, or nil for one outside the universe.
func (u *universe) load(importPath string) (*pkg, error) {
	if p, ok := u.packages[importPath]; ok {
		return p, nil
	}
	dir := u.dir(importPath)
	if dir == "" {
		u.packages[importPath] = nil
		return nil, nil
	}
	p := &pkg{path: importPath, named: map[string][]*decl{}, methods: map[string][]*decl{}}
	u.packages[importPath] = p
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("package %s: %w", importPath, err)
	}
	for _, e := range entries {
		ok, err := build.Default.MatchFile(dir, e.Name())
		if err != nil {
			return nil, fmt.Errorf("package %s: %w", importPath, err)
		}
		if !ok || !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		if err := u.read(p, filepath.Join(dir, e.Name())); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// dir returns the folder of a package in its module.
func (u *universe) dir(importPath string) string {
	for _, m := range u.modules {
		if importPath == m.Path || strings.HasPrefix(importPath, m.Path+"/") {
			dir := filepath.Join(m.Dir, filepath.FromSlash(strings.TrimPrefix(importPath, m.Path)))
			if _, err := os.Stat(dir); err != nil {
				return "" // another module, below this one
			}
			return dir
		}
	}
	return ""
}

func (u *universe) read(p *pkg, name string) error {
	src, err := os.ReadFile(name) //nolint:gosec // a file of the module cache
	if err != nil {
		return err
	}
	if u.rewrite != nil {
		if src, err = u.rewrite(p.path, filepath.Base(name), src); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	fset := token.NewFileSet()
	syntax, err := parser.ParseFile(fset, name, src, parser.ParseComments)
	if err != nil {
		return err
	}
	f := &file{name: filepath.Base(name), src: src, syntax: syntax, base: syntax.FileStart}
	p.files = append(p.files, f)
	for _, d := range syntax.Decls {
		p.add(f, d)
	}
	return nil
}

var majorVersion = regexp.MustCompile(`^v[0-9]+$`)

// importNames returns the possible names of an import in a file. They are several,
// because the package is not read.
func importNames(s *ast.ImportSpec) (importPath string, names []string) {
	importPath, _ = strconv.Unquote(s.Path.Value)
	if s.Name != nil {
		return importPath, []string{s.Name.Name}
	}
	last := path.Base(importPath)
	base := last
	if majorVersion.MatchString(last) {
		base = path.Base(path.Dir(importPath))
	}
	base, _, _ = strings.Cut(base, ".")
	return importPath, []string{last, base, strings.TrimPrefix(base, "go-"), strings.TrimSuffix(base, "-go"),
		base[strings.LastIndex(base, "-")+1:], strings.ReplaceAll(base, "-", "")}
}
