package trim

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

const servicePath = Provider + "/internal/service/"

// registry has the functions that create the wanted types. The provider's services list
// their types in service_package_gen.go, and the provider its services in
// service_packages_gen.go: both lists are reduced, so that the rest is unreachable.
type registry struct {
	services  map[string]bool
	factories map[string]bool // service/function
}

// annotation matches the comment that the provider's generator reads, before the function
// that creates a type. If it has no type, the file has only one type, named in the response
// to Metadata.
var (
	annotation = regexp.MustCompile(`(?m)^// @(?:SDK|Framework)(Resource|DataSource)(?:\((?:"(\w+)")?.*)?\n(?://.*\n)*func (\w+)\(`)
	typeName   = regexp.MustCompile(`\.TypeName = "(\w+)"`)
)

func readRegistry(provider string, resources, dataSources []string) (*registry, error) {
	want := map[string]bool{}
	for _, t := range resources {
		want["Resource "+t] = true
	}
	for _, t := range dataSources {
		want["DataSource "+t] = true
	}
	files, err := filepath.Glob(filepath.Join(provider, "internal", "service", "*", "*.go"))
	if err != nil {
		return nil, err
	}
	r := &registry{services: map[string]bool{}, factories: map[string]bool{}}
	for _, f := range files {
		b, err := os.ReadFile(f) //nolint:gosec // a file of the module cache
		if err != nil {
			return nil, err
		}
		if !bytes.Contains(b, []byte("\n// @SDK")) && !bytes.Contains(b, []byte("\n// @Framework")) {
			continue
		}
		service := filepath.Base(filepath.Dir(f))
		for _, m := range annotation.FindAllStringSubmatch(string(b), -1) {
			kind, name, factory := m[1], m[2], m[3]
			if t := typeName.FindStringSubmatch(string(b)); name == "" && t != nil {
				name = t[1]
			}
			if key := kind + " " + name; want[key] {
				delete(want, key)
				r.services[service], r.factories[service+"/"+factory] = true, true
			}
		}
	}
	if len(want) > 0 {
		var unknown []string
		for t := range want {
			unknown = append(unknown, t)
		}
		slices.Sort(unknown)
		return nil, fmt.Errorf("the provider has no %s", strings.Join(unknown, ", "))
	}
	return r, nil
}

func (r *registry) rewrite(importPath, file string, src []byte) ([]byte, error) {
	switch {
	case file == "service_packages_gen.go" && importPath == Provider+"/internal/provider":
		return cutElements(src, func(e ast.Expr) bool {
			call, ok := e.(*ast.CallExpr)
			if !ok {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			return !ok || r.services[fmt.Sprint(sel.X)]
		})
	case file == "service_package_gen.go" && strings.HasPrefix(importPath, servicePath):
		service := strings.TrimPrefix(importPath, servicePath)
		return cutElements(src, func(e ast.Expr) bool {
			factory := field(e, "Factory")
			return factory == "" || r.factories[service+"/"+factory]
		})
	case strings.HasPrefix(importPath, servicePath):
		return shortenWaits(src)
	case file == "config.go" && importPath == Provider+"/internal/conns":
		return setEndpoints(src)
	}
	return src, nil
}

var serviceBlock = regexp.MustCompile(`(?ms)^service "(\w+)" \{$.*?^\}\n`)

// cutNames removes the services without a wanted type from a list of names, which the provider parses whenever it starts:
// half of the time that a start takes.
func (r *registry) cutNames(file string) error {
	list, err := os.ReadFile(file) //nolint:gosec // Written by Run.
	if err != nil {
		return err
	}
	return write(file, serviceBlock.ReplaceAllFunc(list, func(block []byte) []byte {
		if r.services[string(serviceBlock.FindSubmatch(block)[1])] {
			return block
		}
		return nil
	}))
}

// field returns the identifier that a composite literal sets for a field.
func field(e ast.Expr, name string) string {
	lit, ok := e.(*ast.CompositeLit)
	if !ok {
		return ""
	}
	for _, elt := range lit.Elts {
		kv, ok := elt.(*ast.KeyValueExpr)
		if !ok || fmt.Sprint(kv.Key) != name {
			continue
		}
		if id, ok := kv.Value.(*ast.Ident); ok {
			return id.Name
		}
	}
	return ""
}

// cutElements removes the unwanted elements of the list literals in a file.
func cutElements(src []byte, wanted func(ast.Expr) bool) ([]byte, error) {
	f, err := parser.ParseFile(token.NewFileSet(), "", src, 0)
	if err != nil {
		return nil, err
	}
	var cuts [][2]int
	ast.Inspect(f, func(n ast.Node) bool {
		lit, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		if _, ok := lit.Type.(*ast.ArrayType); !ok {
			return true
		}
		for _, e := range lit.Elts {
			if wanted(e) {
				continue
			}
			end := int(e.End() - f.FileStart)
			for src[end] != ',' && src[end] != '\n' {
				end++
			}
			cuts = append(cuts, [2]int{int(e.Pos() - f.FileStart), end + 1})
		}
		return false
	})
	out := make([]byte, 0, len(src))
	at := 0
	for _, c := range cuts {
		out = append(out, src[at:c[0]]...)
		at = c[1]
	}
	return append(out, src[at:]...), nil
}
