package toolchain

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestChoose(t *testing.T) {
	all := []step{{name: "jars", needs: []string{"java"}}, {name: "java", needs: []string{"python"}}, {name: "python"}, {name: "policy"}}
	names := func(asked ...string) (got []string) {
		steps, err := choose(all, asked)
		require.NoError(t, err)
		for _, s := range steps {
			got = append(got, s.name)
		}
		return got
	}
	require.Equal(t, []string{"jars", "java", "python", "policy"}, names())
	require.Equal(t, []string{"jars", "java", "python"}, names("jars"))
	require.Equal(t, []string{"python", "policy"}, names("policy", "python"))

	_, err := choose(all, []string{"rust"})
	require.EqualError(t, err, `no setup step "rust"; there are jars, java, python, policy`)
}

func TestResolveReportsMissingTools(t *testing.T) {
	program(t, "nothing", "")
	t.Setenv("JAVA_HOME", "")
	t.Setenv("PULUMI_HOME", t.TempDir())
	_, err := Resolve(t.Context(), Options{CacheDir: t.TempDir(), ProjectDir: t.TempDir()})
	require.ErrorContains(t, err, "run `make setup`")
	for _, step := range []string{StepPulumi, StepProviders, StepProject, StepPython, StepGlue, StepJava, StepJars, StepMySQL} {
		require.ErrorContains(t, err, " "+step+" (", "step %s", step)
	}
}

func TestGlue6IsSetUpOnRequest(t *testing.T) {
	program(t, "nothing", "")
	opts := Options{CacheDir: t.TempDir(), ProjectDir: t.TempDir()}
	_, err := Resolve(t.Context(), opts)
	require.NotContains(t, err.Error(), StepGlue6)
	_, err = Resolve(t.Context(), opts, StepGlue6)
	require.ErrorContains(t, err, "run `go run ./tools/setup glue6`, these are not set up")

	whole, _, err := choosing(opts, nil)
	require.NoError(t, err)
	require.False(t, whole.glue6().isWanted())
	named, chosen, err := choosing(opts, []string{StepGlue6})
	require.NoError(t, err)
	require.True(t, named.glue6().isWanted())
	require.Less(t, len(chosen), len(named.steps()), "it needs only the tools of jobs")
}

func TestClassArchiveIsCreatedOnRequestAndForAnotherSpark(t *testing.T) {
	opts := Options{CacheDir: t.TempDir(), ProjectDir: t.TempDir()}
	whole, _, err := choosing(opts, nil)
	require.NoError(t, err)
	require.False(t, whole.classes().isWanted())
	named, _, err := choosing(opts, []string{StepClasses})
	require.NoError(t, err)
	step := named.classes()
	require.True(t, step.isWanted())
	require.True(t, step.stale(), "it does not exist")

	spark := named.in("venv", "lib", "python3.11", "site-packages", "pyspark", "jars")
	for _, dir := range []string{spark, named.in("jars")} {
		require.NoError(t, os.MkdirAll(dir, 0o700))
	}
	require.NoError(t, os.WriteFile(named.in("jars", classesFile), nil, 0o600))
	require.False(t, step.stale())
	later := time.Now().Add(time.Hour)
	require.NoError(t, os.Chtimes(spark, later, later))
	require.True(t, step.stale(), "Spark was installed again")
}
