package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"store-events/policy/rule"
)

// place is the position of a rule in the source. Files are paths from the project's root.
type place struct {
	// Service is the folder below policy/rules.
	Service string
	// Rule is the file that declares the rule, and Test the file with its examples.
	Rule, Test string
	// Mutation is the file with the change to the program that breaks the rule; empty if there is none.
	Mutation string
}

// places finds every rule by its ID in the string literals of the source.
func places(root string, all []rule.Rule) (map[string]place, error) {
	literals, err := literalsOf(root)
	if err != nil {
		return nil, err
	}
	mutated, err := mutations(root)
	if err != nil {
		return nil, err
	}
	found := map[string]place{}
	var problems []error
	for _, r := range all {
		p, err := literals.place(r.ID)
		problems = append(problems, err)
		p.Mutation = mutated[r.ID]
		found[r.ID] = p
	}
	return found, errors.Join(problems...)
}

// occurrences lists the files of policy/rules that contain a string literal.
type occurrences map[string][]string

func literalsOf(root string) (occurrences, error) {
	files, err := filepath.Glob(filepath.Join(root, "policy", "rules", "*", "*.go"))
	if err != nil {
		return nil, err
	}
	found := occurrences{}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("read the rules: %w", err)
		}
		relative, err := filepath.Rel(root, file)
		if err != nil {
			return nil, err
		}
		found.add(parsed, filepath.ToSlash(relative))
	}
	return found, nil
}

func (o occurrences) add(parsed *ast.File, file string) {
	ast.Inspect(parsed, func(n ast.Node) bool {
		literal, ok := n.(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING {
			return true
		}
		if text, err := strconv.Unquote(literal.Value); err == nil && !slices.Contains(o[text], file) {
			o[text] = append(o[text], file)
		}
		return true
	})
}

// place requires exactly one file that declares the rule and one test file in the same folder.
func (o occurrences) place(id string) (place, error) {
	var declared, tested []string
	for _, file := range o[id] {
		if strings.HasSuffix(file, "_test.go") {
			tested = append(tested, file)
		} else {
			declared = append(declared, file)
		}
	}
	if len(declared) != 1 || len(tested) != 1 || path.Dir(declared[0]) != path.Dir(tested[0]) {
		return place{}, fmt.Errorf("rule %s: expected one file that declares it and one test file in its folder, found %v and %v", id, declared, tested)
	}
	return place{Service: path.Base(path.Dir(declared[0])), Rule: declared[0], Test: tested[0]}, nil
}
