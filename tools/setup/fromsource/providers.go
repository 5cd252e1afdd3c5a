package fromsource

import (
	"bufio"
	"os"
	"strings"

	"store-events/tools/setup/fromsource/trim"
)

const awsServices = "github.com/aws/aws-sdk-go-v2/service/"

// Trim writes the source of the providers' module to dest: the downloaded modules, reduced to the resource types
// and data sources that the file lists.
func Trim(modules []trim.Module, typesFile, dest string) (err error) {
	o := trim.Options{Dest: dest}
	for _, m := range modules {
		switch {
		case strings.HasSuffix(m.Path, "/terraform-provider-aws"):
			o.Cut = append(o.Cut, trim.Module{Path: trim.Provider, Dir: m.Dir})
		case strings.HasPrefix(m.Path, awsServices):
			o.Cut = append(o.Cut, m)
		default:
			o.Readers = append(o.Readers, m)
		}
	}
	if o.Resources, o.DataSources, err = terraformTypes(typesFile); err != nil {
		return err
	}
	return trim.Run(o)
}

// terraformTypes reads the types to keep.
func terraformTypes(file string) (resources, dataSources []string, err error) {
	f, err := os.Open(file) //nolint:gosec // a file of the project
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		w := strings.Fields(lines.Text())
		switch {
		case len(w) != 3 || strings.HasPrefix(w[0], "#"):
		case strings.HasPrefix(w[2], "get"):
			dataSources = append(dataSources, w[0])
		default:
			resources = append(resources, w[0])
		}
	}
	return resources, dataSources, lines.Err()
}
