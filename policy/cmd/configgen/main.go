// Command configgen writes what `pulumi --policy-pack-config` takes: the levels and limits of each environment, spelled
// out, and the schema of such a file.
package main

//go:generate go run .

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if err := write(filepath.Join("..", "..")); err != nil {
		fmt.Fprintln(os.Stderr, "configgen:", err)
		os.Exit(1)
	}
}

func write(dir string) error {
	all, err := files()
	if err != nil {
		return err
	}
	for name, text := range all {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil { //nolint:gosec // Files of the repository.
			return err
		}
	}
	return nil
}
