package toolchain

import (
	"context"
	"debug/elf"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"store-events/tools/setup/dbserver"
	"store-events/tools/setup/internal/files"
)

// referenceCache is a component that the server loads at every start.
const referenceCache = "component_reference_cache.so"

// unpackedScript starts the server with the loader and the libraries of its
// distribution, because those of this machine may be older. It unsets the variables
// that point loader and libraries at this machine's files.
const unpackedScript = `#!/bin/sh
dir="${0%/*}"
unset LD_PRELOAD LD_LIBRARY_PATH
export OPENSSL_CONF=/dev/null
exec "$dir/lib/loader" --library-path "$dir/lib" "$dir/mysqld" "$@" --basedir="$dir" \
	--lc-messages-dir="$dir/share" --character-sets-dir="$dir/share/charsets" --plugin-dir="$dir/plugin"
`

// trimMySQL copies the files that the server needs from the unpacked packages: program,
// libraries, messages and character sets.
func trimMySQL(ctx context.Context, j *job, root, dir string) error {
	server := filepath.Join(root, "usr", "sbin", "mysqld")
	loader, err := loaderOf(server, root)
	if err != nil {
		return err
	}
	folders, err := libraryFolders(root)
	if err != nil {
		return err
	}
	list, err := j.output(ctx, command{args: []string{loader, "--library-path", strings.Join(folders, ":"), "--list", server}})
	if err != nil {
		return err
	}
	libraries, err := parseLibraries(list)
	if err != nil {
		return err
	}
	copies := map[string]string{server: "mysqld", loader: "lib/loader"}
	for name, path := range libraries {
		copies[path] = filepath.Join("lib", name)
	}
	cache := filepath.Join(root, "usr", "lib", "mysql", "plugin", referenceCache)
	if files.Exists(cache) {
		copies[cache] = filepath.Join("plugin", referenceCache)
	}
	for from, to := range copies {
		if err := files.Copy(from, filepath.Join(dir, to)); err != nil {
			return fmt.Errorf("copy %s of MySQL: %w", to, err)
		}
	}
	for _, folder := range []string{"english", "charsets"} {
		from := os.DirFS(filepath.Join(root, "usr", "share", "mysql", folder))
		if err := os.CopyFS(filepath.Join(dir, "share", folder), from); err != nil {
			return fmt.Errorf("copy %s of MySQL: %w", folder, err)
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, "plugin"), 0o755); err != nil { //nolint:gosec // a cache of public tools
		return fmt.Errorf("plugins of MySQL: %w", err)
	}
	return writeProgram(dbserver.Program(dir), unpackedScript)
}

// loaderOf finds the dynamic loader of a program in a folder of unpacked packages, where
// /lib64 may be in /usr.
func loaderOf(program, root string) (string, error) {
	f, err := elf.Open(program)
	if err != nil {
		return "", fmt.Errorf("read mysqld: %w", err)
	}
	defer func() { _ = f.Close() }()
	section := f.Section(".interp")
	if section == nil {
		return "", fmt.Errorf("%s names no loader", program)
	}
	name, err := section.Data()
	if err != nil {
		return "", fmt.Errorf("read mysqld: %w", err)
	}
	loader := strings.TrimRight(string(name), "\x00")
	for _, prefix := range []string{root, filepath.Join(root, "usr")} {
		if path, err := filepath.EvalSymlinks(filepath.Join(prefix, loader)); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("the packages have no %s", loader)
}

// libraryFolders returns all folders with shared libraries, except the variants for newer
// processors, which the loader finds itself.
func libraryFolders(root string) ([]string, error) {
	var folders []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && d.Name() == "glibc-hwcaps" {
			return fs.SkipDir
		}
		if strings.HasPrefix(d.Name(), "lib") && strings.Contains(d.Name(), ".so") && !slices.Contains(folders, filepath.Dir(path)) {
			folders = append(folders, filepath.Dir(path))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("libraries of MySQL: %w", err)
	}
	return folders, nil
}

var library = regexp.MustCompile(`^\s*(\S+) => (.+?)(?: \(0x[0-9a-f]+\))?$`)

// parseLibraries parses the output of a loader for --list: lines of
// "name => path (address)". The kernel's library and the loader have no path.
func parseLibraries(list string) (map[string]string, error) {
	found := map[string]string{}
	for line := range strings.Lines(list) {
		m := library.FindStringSubmatch(strings.TrimRight(line, "\n"))
		switch {
		case m == nil || strings.Contains(m[1], "/"):
		case m[2] == "not found":
			return nil, fmt.Errorf("the packages have no library %s", m[1])
		default:
			found[m[1]] = m[2]
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("the loader lists no libraries: %s", list)
	}
	return found, nil
}
