package trim

import (
	"fmt"
	"go/ast"
)

// narrow are types of which only called methods are kept: the SDK's clients, with a
// method for each API operation, and the provider's type that holds all clients.
var narrow = map[string]bool{"Client": true, "AWSClient": true}

// reach finds the declarations to keep.
type reach struct {
	universe *universe
	todo     []*decl
	owner    map[*decl]*pkg
	// called are the method names found so far; parked are the narrow types'
	// methods whose names have not been found yet.
	called map[string]bool
	parked map[string][]*decl
}

// from keeps the declarations that the provider's entry point and the readers need.
func (r *reach) from(readers []Module) error {
	r.owner = map[*decl]*pkg{}
	p, err := r.universe.load(entryPackage)
	if err != nil {
		return err
	}
	if p == nil || p.named[entryFunc] == nil {
		return fmt.Errorf("the provider's source has no %s.%s", entryPackage, entryFunc)
	}
	for _, m := range readers {
		if err := r.whole(m.Path); err != nil {
			return err
		}
	}
	r.name(p, entryFunc)
	for len(r.todo) > 0 {
		d := r.todo[len(r.todo)-1]
		r.todo = r.todo[:len(r.todo)-1]
		if err := r.follow(d); err != nil {
			return err
		}
	}
	return nil
}

// whole keeps all declarations of a package.
func (r *reach) whole(importPath string) error {
	p, err := r.universe.load(importPath)
	if err != nil {
		return err
	}
	for _, f := range p.files {
		for _, d := range f.decls {
			r.keep(p, d)
		}
	}
	return nil
}

func (r *reach) keep(p *pkg, d *decl) {
	if d.kept {
		return
	}
	d.kept, r.owner[d] = true, p
	d.refer()
	r.todo = append(r.todo, d)
}

func (r *reach) name(p *pkg, name string) {
	for _, d := range p.named[name] {
		r.keep(p, d)
	}
}

// follow keeps the declarations that a kept declaration refers to.
func (r *reach) follow(d *decl) error {
	p := r.owner[d]
	for _, init := range p.inits {
		r.keep(p, init)
	}
	for name := range d.own {
		r.name(p, name)
	}
	for _, t := range d.types {
		for _, m := range p.methods[t] {
			r.method(p, t, m)
		}
	}
	for name := range d.calls {
		r.call(name)
	}
	for _, s := range d.file.syntax.Imports {
		if err := r.imported(d, s); err != nil {
			return err
		}
	}
	return nil
}

func (r *reach) imported(d *decl, s *ast.ImportSpec) error {
	importPath, names := importNames(s)
	for _, name := range names {
		if len(d.qualified[name]) == 0 {
			continue
		}
		q, err := r.universe.load(importPath)
		if err != nil {
			return err
		}
		if q == nil {
			return nil
		}
		for sel := range d.qualified[name] {
			r.name(q, sel)
		}
	}
	return nil
}

func (r *reach) method(p *pkg, recv string, m *decl) {
	name := m.node.(*ast.FuncDecl).Name.Name
	if narrow[recv] && !r.called[name] {
		r.owner[m] = p
		r.parked[name] = append(r.parked[name], m)
		return
	}
	r.keep(p, m)
}

func (r *reach) call(name string) {
	if r.called[name] {
		return
	}
	r.called[name] = true
	for _, m := range r.parked[name] {
		r.keep(r.owner[m], m)
	}
	delete(r.parked, name)
}
