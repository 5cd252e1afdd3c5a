package main

import (
	"fmt"
	"go/ast"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// module is the import path of the project.
const module = "store-events"

// mutated is a package with mutants.
type mutated struct {
	sites []site
	// overlay maps source files to the files with mutants.
	overlay map[string]string
}

// mutate writes copies of the packages' files with all mutants to a folder. Numbers
// start at 1.
func mutate(project, folder string, patterns []string) (mutated, error) {
	loaded, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo | packages.NeedImports,
		Dir:  project,
	}, patterns...)
	if err != nil {
		return mutated{}, fmt.Errorf("load %v: %w", patterns, err)
	}
	all, next := mutated{overlay: map[string]string{}}, 1
	for _, p := range loaded {
		if len(p.Errors) > 0 {
			return mutated{}, fmt.Errorf("load %s: %w", p.PkgPath, p.Errors[0])
		}
		consts := map[types.Object]int{}
		for _, file := range p.Syntax {
			path := p.Fset.Position(file.Package).Filename
			name, err := filepath.Rel(project, path)
			if err != nil {
				return mutated{}, err
			}
			m := &mutator{info: p.TypesInfo, fset: p.Fset, pkg: p.Types, name: name, next: &next, consts: consts, imports: map[string]string{}}
			ast.Inspect(file, m.visit)
			if len(m.sites) == 0 && len(m.wraps) == 0 {
				continue
			}
			source, err := os.ReadFile(path) //nolint:gosec // A file of the project.
			if err != nil {
				return mutated{}, err
			}
			target := filepath.Join(folder, strings.ReplaceAll(name, string(filepath.Separator), "__"))
			if err := os.WriteFile(target, []byte(m.rewrite(string(source), m.offset(file.Name.End()))), 0o600); err != nil {
				return mutated{}, err
			}
			lines := strings.Split(string(source), "\n")
			for i := range m.sites {
				m.sites[i].code = lines[m.sites[i].Line-1]
			}
			all.sites = append(all.sites, m.sites...)
			all.overlay[path] = target
		}
	}
	return all, nil
}

// insertion is text at an offset; of two at one offset the lower order is first.
type insertion struct {
	at, order, length int
	text              string
}

// rewrite returns the source with the mutants; clause is the end of its package
// clause. Line numbers do not change.
func (m *mutator) rewrite(source string, clause int) string {
	var edits []insertion
	for i, w := range m.wraps { // Outer ones are first.
		edits = append(edits, insertion{at: w.start, order: i, text: w.pre}, insertion{at: w.end, order: -i - 1, text: w.post})
	}
	for _, s := range m.swaps {
		edits = append(edits, insertion{at: s.start, length: s.end - s.start, text: s.text})
	}
	slices.SortStableFunc(edits, func(a, b insertion) int {
		if a.at != b.at {
			return a.at - b.at
		}
		return a.order - b.order
	})
	var out strings.Builder
	end := clause
	for _, e := range edits {
		out.WriteString(source[end:e.at] + e.text)
		end = e.at + e.length
	}
	out.WriteString(source[end:])
	body := out.String()
	head := source[:clause] + fmt.Sprintf("; import mutant %q", module+"/tests/mutants/mutant")
	for _, path := range slices.Sorted(maps.Keys(m.imports)) {
		if name := m.imports[path]; strings.Contains(body, name+".") {
			head += fmt.Sprintf("; import %s %q", name, path)
		}
	}
	return head + body
}
