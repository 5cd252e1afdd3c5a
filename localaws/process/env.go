package process

import (
	"os"
	"slices"
)

// Mark is the environment variable that every process of one local AWS carries, with its state folder as the
// value. It identifies processes that outlive their parent.
const Mark = "LOCALAWS_PROCESS_OF"

// kept are the variables that a child inherits. It does not inherit any others: proxies and AWS_CA_BUNDLE break
// calls to 127.0.0.1, the user's AWS credentials must not be used, and many programs read settings from the
// environment.
var kept = []string{"PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "JAVA_HOME", "LD_LIBRARY_PATH"}

// Env returns a small environment for a child: what is safe to inherit, overridden by extra settings in the form
// name=value.
func Env(extra ...string) []string {
	var env []string
	for _, name := range kept {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return slices.Concat(env, extra)
}
