// Package trim reduces the source of the Terraform AWS provider, and of the AWS SDK's
// services that it calls, to the code that some of its types need. The complete source
// compiles in an hour, the rest in a minute or two.
//
// It follows references from the provider's entry point by name, and removes unreachable
// declarations and uncalled methods of the API clients. Names are compared without type
// checking, so that unused code may remain, but the compiler reports missing code.
package trim

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Provider is the path of the provider's module.
const Provider = "github.com/hashicorp/terraform-provider-aws"

// entry is the package and function that a bridge calls.
const (
	entryPackage = Provider + "/xpprovider"
	entryFunc    = "GetProvider"
)

// Module is a module in the module cache.
type Module struct{ Path, Dir string }

// Options configure Run.
type Options struct {
	// Cut are the modules to reduce: the provider and services of the SDK.
	Cut []Module
	// Readers are complete modules that use reduced modules.
	Readers []Module
	// Resources and DataSources are the Terraform types to keep.
	Resources, DataSources []string
	// Dest is the folder to write to: provider/, and a folder per SDK service.
	Dest string
}

// Run writes the trimmed modules. Each type must be known to the provider.
func Run(o Options) error {
	u := &universe{modules: append(slices.Clone(o.Cut), o.Readers...), packages: map[string]*pkg{}}
	reg, err := readRegistry(u.dir(Provider), o.Resources, o.DataSources)
	if err != nil {
		return err
	}
	u.rewrite = reg.rewrite
	r := &reach{universe: u, called: map[string]bool{}, parked: map[string][]*decl{}}
	if err := r.from(o.Readers); err != nil {
		return err
	}
	for _, m := range o.Cut {
		if err := os.RemoveAll(filepath.Join(o.Dest, Folder(m.Path))); err != nil {
			return fmt.Errorf("clear the trimmed source: %w", err)
		}
		if err := emitModule(m, u, filepath.Join(o.Dest, Folder(m.Path))); err != nil {
			return fmt.Errorf("write %s: %w", m.Path, err)
		}
	}
	dest := filepath.Join(o.Dest, Folder(Provider))
	if err := reg.cutNames(filepath.Join(dest, "names", "data", "names_data.hcl")); err != nil {
		return fmt.Errorf("names of the services: %w", err)
	}
	return write(filepath.Join(dest, "pause", "pause.go"), pauseSource)
}

// Folder returns the folder of a module below Dest.
func Folder(module string) string {
	if module == Provider {
		return "provider"
	}
	return module[strings.LastIndex(module, "/")+1:]
}
