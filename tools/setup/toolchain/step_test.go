package toolchain

import (
	"testing"

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
	require.EqualError(t, err, `no set-up step "rust"; there are jars, java, python, policy`)
}

func TestResolveNamesWhatIsMissing(t *testing.T) {
	program(t, "nothing", "")
	t.Setenv("JAVA_HOME", "")
	t.Setenv("PULUMI_HOME", t.TempDir())
	_, err := Resolve(t.Context(), Options{CacheDir: t.TempDir(), ProjectDir: t.TempDir()})
	require.ErrorContains(t, err, "run `make setup`")
	for _, step := range []string{StepPulumi, StepProviders, StepProject, StepPython, StepGlue, StepJava, StepJars, StepMySQL} {
		require.ErrorContains(t, err, " "+step+" (", "step %s", step)
	}
}
