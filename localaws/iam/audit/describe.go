package audit

import (
	"fmt"
	"strings"
)

// Caller returns the name of the function, job, role or principal, in this order of preference.
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

// Cause returns one line with the missing statement or network configuration, or the statement that denies the request.
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
