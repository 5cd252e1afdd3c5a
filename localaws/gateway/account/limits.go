// Package account serves the quotas, plan and regional offerings of the account.
package account

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
)

// Limits are the account's quotas and the offerings of each zone. The default is a new account. A file can restrict
// them, to test a deployment in such an account.
type Limits struct{ Region, File string }

// limitsFile is the JSON document in the file.
type limitsFile struct {
	// Quotas are values by quota code, for example L-F678F1CE.
	Quotas map[string]float64 `json:"quotas"`
	// Unavailable maps instance types, database classes and endpoint services to the zones that do not offer them.
	Unavailable map[string][]string `json:"unavailable"`
	// FreePlan is true for an account with the Free plan.
	FreePlan bool `json:"freePlan"`
}

// read reads the file each time, because it may change while the local AWS runs.
func (a Limits) read() (limitsFile, error) {
	var l limitsFile
	if a.File == "" {
		return l, nil
	}
	raw, err := os.ReadFile(a.File)
	if errors.Is(err, fs.ErrNotExist) {
		return l, nil
	}
	if err == nil {
		err = json.Unmarshal(raw, &l)
	}
	if err != nil {
		return l, fmt.Errorf("the account's limits: %w", err)
	}
	return l, nil
}

// Zones returns the zones that offer an instance type, database class or endpoint service.
func (a Limits) Zones(name string) ([]string, error) {
	l, err := a.read()
	zones := []string{a.Region + "a", a.Region + "b", a.Region + "c"} // The emulator's zones.
	return slices.DeleteFunc(zones, func(zone string) bool { return slices.Contains(l.Unavailable[name], zone) }), err
}

// InstanceTypes and DatabaseClasses match the current generations. Others are not available in any zone.
var (
	InstanceTypes = regexp.MustCompile(`^(t2|t3|t3a|t4g|[mcr][5-8][adgin]*)\.(nano|micro|small|medium|large|([0-9]+)?xlarge)$`)
	// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Support.html
	DatabaseClasses = regexp.MustCompile(`^db\.(t3|t4g|[mr][5-8][dgi]*)\.(micro|small|medium|large|([0-9]+)?xlarge)$`)
)

// FreeTypes are the instance types that an account with the Free plan may run:
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-free-tier-usage.html
var FreeTypes = []string{"t3.micro", "t3.small", "t4g.micro", "t4g.small", "c7i-flex.large", "m7i-flex.large"}
