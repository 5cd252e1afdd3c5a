package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"
)

// site is a place that can be mutated.
type site struct {
	ID   int    `json:"id"`
	File string `json:"file"` // Relative to the project.
	Line int    `json:"line"`
	What string `json:"mutation"`
	code string // The line.
}

// wrap inserts text around a range of the source.
type wrap struct {
	start, end int
	pre, post  string
}

// swap replaces a range of the source.
type swap struct {
	start, end int
	text       string
}

// mutator collects the mutants of one file.
type mutator struct {
	info *types.Info
	fset *token.FileSet
	pkg  *types.Package
	name string // The file, relative to the project.
	next *int
	// consts are the numbers of constants, which are mutated at all their uses together.
	consts map[types.Object]int

	sites   []site
	wraps   []wrap
	swaps   []swap
	imports map[string]string // Path to name of the added imports.
}

func (m *mutator) offset(p token.Pos) int { return m.fset.Position(p).Offset }

// site numbers n mutants at a position and returns the first number.
func (m *mutator) site(at token.Pos, what string, n int) int {
	first := *m.next
	for i := range n {
		label := what
		if n > 1 {
			label = fmt.Sprintf("%s, %d of %d", what, i+1, n)
		}
		m.sites = append(m.sites, site{ID: first + i, File: m.name, Line: m.fset.Position(at).Line, What: label})
	}
	*m.next += n
	return first
}

func (m *mutator) wrap(n ast.Node, pre, post string) {
	m.wraps = append(m.wraps, wrap{m.offset(n.Pos()), m.offset(n.End()), pre, post})
}

// call wraps an expression in a call of the package mutant.
func (m *mutator) call(n ast.Node, function string, id int) {
	m.wrap(n, fmt.Sprintf("mutant.%s(%d, ", function, id), ")")
}

// operator turns x OP y into a call with two arguments.
func (m *mutator) operator(e *ast.BinaryExpr, function string, id int) {
	m.call(e, function, id)
	at := m.offset(e.OpPos)
	m.swaps = append(m.swaps, swap{at, at + len(e.Op.String()), ","})
}

// typeName returns the name of a type in this file, adding imports; "" if it has
// none there.
func (m *mutator) typeName(t types.Type) string {
	nameable := true
	text := types.TypeString(t, func(p *types.Package) string {
		if p == m.pkg {
			return ""
		}
		if strings.Contains(p.Path(), "/internal/") && !strings.HasPrefix(p.Path(), module) {
			nameable = false
		}
		if m.imports[p.Path()] == "" {
			m.imports[p.Path()] = "mutants" + strconv.Itoa(len(m.imports))
		}
		return m.imports[p.Path()]
	})
	if !nameable || strings.Contains(text, "untyped") || hasHidden(t, m.pkg) {
		return ""
	}
	return text
}

// hasHidden reports whether a type is another package's unexported one.
func hasHidden(t types.Type, here *types.Package) bool {
	named, ok := t.(*types.Named)
	return ok && named.Obj().Pkg() != nil && named.Obj().Pkg() != here && !named.Obj().Exported()
}

// visit adds the mutants of a node. It returns false to skip the node's children.
func (m *mutator) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.FuncDecl: // Tests do not run main.
		return n.Recv != nil || n.Name.Name != "main"
	case *ast.GenDecl:
		return n.Tok == token.VAR
	case *ast.Field: // Types and tags.
		return false
	case *ast.ArrayType, *ast.MapType, *ast.FuncType:
		return false
	case *ast.CaseClause:
		m.statements(n.Body) // First, because outer mutants come before inner ones.
		for _, s := range n.Body {
			ast.Inspect(s, m.visit)
		}
		return false
	case *ast.BlockStmt:
		m.statements(n.List)
	case *ast.IfStmt:
		m.condition(n.Cond)
	case *ast.CallExpr:
		return m.function(n)
	case *ast.CompositeLit:
		if types.TypeString(m.info.TypeOf(n), nil) == ruleType {
			m.checks(n)
			return false
		}
		m.literal(n)
	case *ast.SelectorExpr:
		ast.Inspect(n.X, m.visit)
		return false
	case ast.Expr:
		return m.expression(n)
	}
	return true
}

// statements adds mutants without a statement, for statements that define nothing.
func (m *mutator) statements(list []ast.Stmt) {
	for _, s := range list {
		switch s := s.(type) {
		case *ast.ExprStmt:
			if call, ok := s.X.(*ast.CallExpr); !ok || isCall(call, "panic") || m.isLog(call) {
				continue
			}
		case *ast.AssignStmt:
			if s.Tok == token.DEFINE || m.definesError(s) {
				continue
			}
		case *ast.IncDecStmt:
		default:
			continue
		}
		m.wrap(s, fmt.Sprintf("if !mutant.On(%d) { ", m.site(s.Pos(), "leave out the statement", 1)), " }")
	}
}

// definesError reports whether a statement assigns only to a blank or an error, which the
// next statement checks.
func (m *mutator) definesError(s *ast.AssignStmt) bool {
	return !slices.ContainsFunc(s.Lhs, func(e ast.Expr) bool {
		id, ok := e.(*ast.Ident)
		return !ok || id.Name != "_" && id.Name != "err"
	})
}

// condition negates a condition without operators, which are mutated separately.
func (m *mutator) condition(e ast.Expr) {
	switch e := e.(type) {
	case *ast.BinaryExpr, *ast.UnaryExpr:
	case *ast.ParenExpr:
		m.condition(e.X)
	default:
		m.call(e, "Not", m.site(e.Pos(), "negate the condition", 1))
	}
}

// messages are the functions whose strings are for people.
var messages = []string{"fmt.Errorf", "errors.New", "panic"}

func isCall(c *ast.CallExpr, names ...string) bool {
	return slices.Contains(names, types.ExprString(c.Fun))
}

// isLog reports whether a call is one of a logger's methods.
func (m *mutator) isLog(c *ast.CallExpr) bool {
	method, ok := c.Fun.(*ast.SelectorExpr)
	return ok && types.TypeString(m.info.TypeOf(method.X), nil) == "*log/slog.Logger"
}

// function adds mutants without an option of a call. It returns false for messages for
// people.
func (m *mutator) function(c *ast.CallExpr) bool {
	if m.isLog(c) {
		return false
	}
	if isCall(c, messages...) {
		for _, arg := range c.Args {
			if _, literal := arg.(*ast.BasicLit); !literal {
				ast.Inspect(arg, m.visit)
			}
		}
		return false
	}
	signature, ok := m.info.TypeOf(c.Fun).(*types.Signature)
	if ok && hasMessage(signature) {
		for i, arg := range c.Args {
			if !isMessage(signature, i) {
				ast.Inspect(arg, m.visit)
			}
		}
		return false
	}
	if !ok || !signature.Variadic() || c.Ellipsis != token.NoPos {
		return true
	}
	fixed := signature.Params().Len() - 1
	element := signature.Params().At(fixed).Type().(*types.Slice).Elem()
	if named, ok := element.(*types.Named); ok && named.Obj().Name() == "ResourceOption" {
		for _, arg := range c.Args[fixed:] {
			m.call(arg, "Zero["+m.typeName(element)+"]", m.site(arg.Pos(), "leave out the option "+types.ExprString(arg), 1))
		}
	}
	return true
}

// isMessage reports whether a parameter is a message for people.
func isMessage(s *types.Signature, i int) bool {
	return i < s.Params().Len() && s.Params().At(i).Name() == "message"
}

func hasMessage(s *types.Signature) bool {
	for i := range s.Params().Len() {
		if isMessage(s, i) {
			return true
		}
	}
	return false
}

// ruleType is a rule of the policy pack. Only its functions are mutated: a test compares
// its other fields with the page of the policies.
const ruleType = module + "/policy/rule.Rule"

// checks adds the mutants of the functions of a rule.
func (m *mutator) checks(l *ast.CompositeLit) {
	for _, e := range l.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		if _, function := m.info.TypeOf(kv.Value).Underlying().(*types.Signature); function {
			m.fields(&ast.CompositeLit{Elts: []ast.Expr{kv}}, m.info.TypeOf(l).Underlying().(*types.Struct))
			ast.Inspect(kv.Value, m.visit)
		}
	}
}
