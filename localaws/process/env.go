package process

import (
	"os"
	"slices"
)

// Mark is an environment variable of every process of a local AWS. Its value is the state folder. It identifies
// processes that outlive their parent.
const Mark = "LOCALAWS_PROCESS_OF"

// inherited are the only variables that a child inherits. Proxies and AWS_CA_BUNDLE break calls to 127.0.0.1, children
// must not use the user's AWS credentials, and many programs read settings from the environment.
var inherited = []string{"PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "JAVA_HOME", "LD_LIBRARY_PATH"}

// Env returns a minimal environment for a child: the inherited variables, overridden by extra, in the form name=value.
func Env(extra ...string) []string {
	var env []string
	for _, name := range inherited {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return slices.Concat(env, extra)
}
