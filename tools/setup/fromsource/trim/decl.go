package trim

import (
	"go/ast"
	"go/token"
)

// decl is a top-level declaration and the names it refers to.
type decl struct {
	file *file
	node ast.Decl
	// types are the declared types.
	types []string
	// own are names used without a qualifier, qualified those with one, by
	// qualifier: an import or a variable.
	own       map[string]bool
	qualified map[string]map[string]bool
	// calls are the names of methods that it may call, or require in an interface.
	calls map[string]bool
	kept  bool
}

// add adds a declaration of the file.
func (p *pkg) add(f *file, node ast.Decl) {
	d := &decl{file: f, node: node}
	switch n := node.(type) {
	case *ast.FuncDecl:
		switch {
		case n.Recv != nil:
			recv := receiver(n)
			p.methods[recv] = append(p.methods[recv], d)
		case n.Name.Name == "init":
			p.inits = append(p.inits, d)
		default:
			p.named[n.Name.Name] = append(p.named[n.Name.Name], d)
		}
	case *ast.GenDecl:
		if n.Tok == token.IMPORT {
			return
		}
		for _, s := range n.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				d.types = append(d.types, s.Name.Name)
				p.named[s.Name.Name] = append(p.named[s.Name.Name], d)
			case *ast.ValueSpec:
				for _, name := range s.Names { // "_" is never referred to, see refer
					p.named[name.Name] = append(p.named[name.Name], d)
				}
			}
		}
	}
	f.decls = append(f.decls, d)
}

// receiver returns the name of a method's receiver type.
func receiver(f *ast.FuncDecl) string {
	t := f.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}

// refer collects the names that the declaration refers to.
func (d *decl) refer() {
	d.own, d.calls = map[string]bool{}, map[string]bool{}
	d.qualified = map[string]map[string]bool{}
	ast.Walk(visitor{d}, d.node)
}

type visitor struct{ d *decl }

func (v visitor) Visit(n ast.Node) ast.Visitor {
	switch n := n.(type) {
	case *ast.SelectorExpr:
		v.selector(n)
		return nil
	case *ast.Field: // the names of fields and parameters do not refer to anything
		if n.Type != nil {
			ast.Walk(v, n.Type)
		}
		return nil
	case *ast.InterfaceType:
		for _, m := range n.Methods.List {
			for _, name := range m.Names {
				v.d.calls[name.Name] = true
			}
		}
	case *ast.Ident:
		if n.Name != "_" && v.d.global(n) {
			v.d.own[n.Name] = true
		}
	}
	return v
}

func (v visitor) selector(n *ast.SelectorExpr) {
	v.d.calls[n.Sel.Name] = true
	x, ok := n.X.(*ast.Ident)
	if !ok {
		ast.Walk(v, n.X)
		return
	}
	if !v.d.global(x) {
		return
	}
	v.d.own[x.Name] = true
	if v.d.qualified[x.Name] == nil {
		v.d.qualified[x.Name] = map[string]bool{}
	}
	v.d.qualified[x.Name][n.Sel.Name] = true
}

// global reports whether an identifier may be declared outside of the declaration. The
// parser sets the object of local identifiers.
func (d *decl) global(id *ast.Ident) bool {
	return id.Obj == nil || d.file.syntax.Scope.Lookup(id.Name) == id.Obj
}
