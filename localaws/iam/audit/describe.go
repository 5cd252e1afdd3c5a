package audit

import (
	"fmt"
	"strings"
)

// Caller returns the function or the job, else the role's name, else the principal.
func (d Denial) Caller() string {
	if d.Workload != "" {
		return d.Workload
	}
	name := d.Role
	if name == "" {
		name = d.Principal
	}
	return name[strings.LastIndex(name, "/")+1:]
}

// Cause says in one line what is missing, or what denies the request.
func (d Denial) Cause() string {
	switch {
	case d.Kind == Network:
		return fmt.Sprintf("missing %s: %s", d.Lacks, d.Needs)
	case d.DeniedBy != "":
		return fmt.Sprintf("the %s denies it: %s", d.Lacks, d.DeniedBy)
	default:
		return fmt.Sprintf("missing in the %s: %s", d.Lacks, d.Missing)
	}
}
