package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
)

// mutations returns, for each rule, the table file with the rule's mutation of the program.
func mutations(root string) (map[string]string, error) {
	files, err := filepath.Glob(filepath.Join(root, "tests", "policy", "mutation", "*.go"))
	if err != nil {
		return nil, err
	}
	found := map[string]string{}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("read the mutations: %w", err)
		}
		relative, err := filepath.Rel(root, file)
		if err != nil {
			return nil, err
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if id, ok := mutatedRule(n); ok {
				found[id] = filepath.ToSlash(relative)
			}
			return true
		})
	}
	return found, nil
}

// mutatedRule matches Rule: "id", which begins each line of a table.
func mutatedRule(n ast.Node) (string, bool) {
	pair, ok := n.(*ast.KeyValueExpr)
	if !ok {
		return "", false
	}
	key, isName := pair.Key.(*ast.Ident)
	id, isText := pair.Value.(*ast.BasicLit)
	if !isName || !isText || key.Name != "Rule" || id.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(id.Value)
	return text, err == nil
}
