package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
)

// limits are what AWS decides for an account and its region: quotas, and what is
// offered in which zone. All is as in a new account, unless a file says
// otherwise, so that a deployment can be tried in a lesser account.
type limits struct{ region, file string }

// lacks is the file's form.
type lacks struct {
	// Quotas are values by quota code, such as L-F678F1CE.
	Quotas map[string]float64 `json:"quotas"`
	// Unavailable are instance types, database classes and endpoint services,
	// with the zones that do not offer them.
	Unavailable map[string][]string `json:"unavailable"`
}

// read reads the file each time: it may change while the local AWS runs.
func (a limits) read() (lacks, error) {
	var l lacks
	if a.file == "" {
		return l, nil
	}
	raw, err := os.ReadFile(a.file)
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

// zones are those that offer something, by its name.
func (a limits) zones(name string) ([]string, error) {
	l, err := a.read()
	zones := []string{a.region + "a", a.region + "b", a.region + "c"} // the emulator's
	return slices.DeleteFunc(zones, func(zone string) bool { return slices.Contains(l.Unavailable[name], zone) }), err
}

// Types and classes of the current generations; others are offered nowhere.
var (
	instanceTypes = regexp.MustCompile(`^(t2|t3|t3a|t4g|[mcr][5-8][adgin]*)\.(nano|micro|small|medium|large|([0-9]+)?xlarge)$`)
	// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Support.html
	databaseClasses = regexp.MustCompile(`^db\.(t3|t4g|[mr][5-8][dgi]*)\.(micro|small|medium|large|([0-9]+)?xlarge)$`)
)
