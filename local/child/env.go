package child

import (
	"os"
	"slices"
)

// Mark is the environment variable that every process of one local AWS
// carries, with its state folder as the value. A process that outlives its
// parent is found by it.
const Mark = "STORE_EVENTS_LOCAL_AWS"

// kept are the variables that a child inherits. All others stay out: proxies
// and AWS_CA_BUNDLE break calls to 127.0.0.1, AWS credentials of the user have
// no business here, and programs read settings of their own from the rest.
var kept = []string{"PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "JAVA_HOME", "LD_LIBRARY_PATH"}

// Env is a small environment for a child: what is safe to inherit, and extra
// settings in the form name=value, which win.
func Env(extra ...string) []string {
	var env []string
	for _, name := range kept {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return slices.Concat(env, extra)
}
