package main

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"
)

// expression adds mutants for constants and operators.
func (m *mutator) expression(e ast.Expr) bool {
	tv, known := m.info.Types[e]
	if known && tv.IsType() {
		return false
	}
	if known && tv.Value != nil {
		return !m.breakConstant(e, tv.Type)
	}
	switch e := e.(type) {
	case *ast.BinaryExpr:
		m.binary(e)
	case *ast.UnaryExpr:
		if e.Op == token.NOT {
			m.call(e, "Not", m.site(e.Pos(), "leave out the !", 1))
		}
	case *ast.KeyValueExpr: // The composite literal mutates its keys.
		if key, ok := e.Key.(*ast.Ident); !ok || !forPeople(key.Name) {
			ast.Inspect(e.Value, m.visit)
		}
		return false
	}
	return true
}

// breakConstant adds a mutant for a constant expression as a whole, and reports whether it did.
func (m *mutator) breakConstant(e ast.Expr, t types.Type) bool {
	if _, paren := e.(*ast.ParenExpr); paren {
		return false
	}
	if call, conversion := e.(*ast.CallExpr); conversion { // Its argument is mutated instead.
		for _, arg := range call.Args {
			ast.Inspect(arg, m.visit)
		}
		return true
	}
	basic, ok := t.Underlying().(*types.Basic)
	if !ok {
		return true
	}
	function := ""
	switch info := basic.Info(); {
	case info&types.IsBoolean != 0:
		function = "Not"
	case info&types.IsString != 0:
		function = "Text"
	case info&types.IsNumeric != 0 && info&types.IsComplex == 0:
		function = "Number"
	}
	name := m.typeName(types.Default(t))
	if function == "" || name == "" {
		return true
	}
	id, shared := 0, false
	ident, isIdent := e.(*ast.Ident)
	if isIdent && m.info.Uses[ident] != nil && m.info.Uses[ident].Pkg() == m.pkg {
		id, shared = m.consts[m.info.Uses[ident]]
	}
	if !shared {
		id = m.site(e.Pos(), "change "+short(types.ExprString(e)), 1)
		if isIdent && m.info.Uses[ident] != nil {
			m.consts[m.info.Uses[ident]] = id
		}
	}
	m.call(e, function+"["+name+"]", id)
	return true
}

func short(text string) string {
	if runes := []rune(text); len(runes) > 60 {
		return string(runes[:60]) + "…"
	}
	return text
}

func (m *mutator) binary(e *ast.BinaryExpr) {
	what := fmt.Sprintf("another operator instead of %s: %s", e.Op, short(types.ExprString(e)))
	switch e.Op {
	case token.EQL, token.NEQ:
		if !m.isErrorCheck(e) {
			m.call(e, "Not", m.site(e.Pos(), what, 1))
		}
	case token.LSS:
		m.operator(e, "Less", m.site(e.Pos(), what, 2))
	case token.LEQ:
		m.operator(e, "AtMost", m.site(e.Pos(), what, 2))
	case token.GTR:
		m.operator(e, "More", m.site(e.Pos(), what, 2))
	case token.GEQ:
		m.operator(e, "AtLeast", m.site(e.Pos(), what, 2))
	case token.LAND:
		m.lazy(e, "And", m.site(e.Pos(), what, 1))
	case token.LOR:
		m.lazy(e, "Or", m.site(e.Pos(), what, 1))
	case token.ADD, token.SUB, token.MUL, token.QUO:
		if basic, ok := m.info.TypeOf(e).Underlying().(*types.Basic); ok && basic.Info()&types.IsNumeric != 0 {
			function := map[token.Token]string{token.ADD: "Add", token.SUB: "Sub", token.MUL: "Mul", token.QUO: "Div"}[e.Op]
			m.operator(e, function, m.site(e.Pos(), what, 1))
		}
	}
}

// isErrorCheck reports whether e is err != nil: negated, it makes every test fail, so that
// the mutant is not useful.
func (m *mutator) isErrorCheck(e *ast.BinaryExpr) bool {
	id, ok := e.Y.(*ast.Ident)
	return ok && id.Name == "nil" && types.TypeString(m.info.TypeOf(e.X), nil) == "error"
}

// lazy passes the right side of && and || as a function, so that it is evaluated only if
// the operator evaluates it.
func (m *mutator) lazy(e *ast.BinaryExpr, function string, id int) {
	m.wrap(e, fmt.Sprintf("mutant.%s(%d, ", function, id), ") })")
	at := m.offset(e.OpPos)
	m.swaps = append(m.swaps, swap{at, at + len(e.Op.String()), ", func() bool { return ("})
}

// literal adds mutants for a composite literal: a field that is not set, or a missing
// element or entry.
func (m *mutator) literal(l *ast.CompositeLit) {
	if len(l.Elts) == 0 {
		return
	}
	switch t := m.info.TypeOf(l).Underlying().(type) {
	case *types.Struct:
		m.fields(l, t)
	case *types.Slice:
		if _, keyed := l.Elts[0].(*ast.KeyValueExpr); !keyed && l.Type != nil {
			m.call(l, "Elements", m.site(l.Pos(), "leave out an element of "+short(types.ExprString(l.Type)), len(l.Elts)))
		}
	case *types.Map:
		if l.Type == nil {
			return
		}
		for _, e := range l.Elts {
			key := e.(*ast.KeyValueExpr).Key
			if tv := m.info.Types[key]; tv.Value != nil {
				id := m.site(e.Pos(), "leave out the entry "+tv.Value.ExactString(), 1)
				m.wrap(l, fmt.Sprintf("mutant.Entry(%d, ", id), ", "+tv.Value.ExactString()+")")
			}
		}
	}
}

// forPeople reports whether a field is for people, so that tests need not check it.
func forPeople(field string) bool { return strings.EqualFold(field, "description") }

// isZero reports whether an expression is a zero value.
func (m *mutator) isZero(e ast.Expr) bool {
	v := m.info.Types[e].Value
	if v == nil {
		return false
	}
	switch v.Kind() {
	case constant.Bool:
		return !constant.BoolVal(v)
	case constant.String:
		return constant.StringVal(v) == ""
	case constant.Int, constant.Float:
		return constant.Sign(v) == 0
	default:
		return false
	}
}

func (m *mutator) fields(l *ast.CompositeLit, t *types.Struct) {
	for _, e := range l.Elts {
		kv, keyed := e.(*ast.KeyValueExpr)
		if !keyed {
			return
		}
		name := kv.Key.(*ast.Ident).Name
		for field := range t.Fields() {
			if field.Name() != name || forPeople(name) || m.isZero(kv.Value) {
				continue
			}
			if typeName := m.typeName(field.Type()); typeName != "" {
				m.call(kv.Value, "Zero["+typeName+"]", m.site(kv.Pos(), "leave out the field "+name, 1))
			}
		}
	}
}
