package toolchain

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// served describes a property of the local provider: whether it is a list, and the
// properties of its object.
type served struct {
	List   bool              `json:"list"`
	Fields map[string]served `json:"fields"`
}

// structs are the structs of a package of pulumi-aws: from type name in lower case
// and property to Go type.
type structs map[string]map[string]string

// TestNamesAgreeWithPulumiAWS compares the names and kinds of all properties of the local
// AWS provider with those of pulumi-aws, which programs use. Differences must be listed in
// known.
func TestNamesAgreeWithPulumiAWS(t *testing.T) {
	paths, err := Ensure(t.Context(), Options{IgnorePath: true}, StepProviders)
	require.NoError(t, err)
	provider := filepath.Join(paths.PluginDir, "pulumi-resource-aws")
	out, err := exec.CommandContext(t.Context(), provider, "-names").Output() //nolint:gosec // built by the setup
	require.NoError(t, err)
	var all map[string]map[string]served
	require.NoError(t, json.Unmarshal(out, &all))

	list := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/pulumi/pulumi-aws/sdk/v6")
	list.Dir, err = Project() // Only the program's module requires it.
	require.NoError(t, err)
	dir, err := list.Output()
	require.NoError(t, err)
	c := comparison{root: filepath.Join(strings.TrimSpace(string(dir)), "go", "aws"), packages: map[string]structs{}}
	for token, props := range all {
		c.compare(t, token, props)
	}
	require.Greater(t, c.compared, 2000, "too few properties for the comparison to mean anything")
	slices.Sort(c.different)
	require.Equal(t, known, c.different)
}

type comparison struct {
	root      string
	packages  map[string]structs
	compared  int
	different []string
}

func (c *comparison) differ(format string, args ...any) {
	c.different = append(c.different, fmt.Sprintf(format, args...))
}

var tokenParts = regexp.MustCompile(`^aws:(\w+)/\w+:(get)?(\w+)$`)

func (c *comparison) compare(t *testing.T, token string, props map[string]served) {
	m := tokenParts.FindStringSubmatch(token)
	require.NotNil(t, m, token)
	module, function, name := m[1], m[2] != "", strings.ToLower(m[3])
	all := c.load(t, module)
	fields := all[name+"state"]
	if function {
		fields = map[string]string{}
		for _, form := range []string{"get%sargs", "lookup%sargs", "get%sresult", "lookup%sresult"} {
			for k, v := range all[fmt.Sprintf(form, name)] {
				fields[k] = v
			}
		}
	}
	require.NotEmpty(t, fields, "pulumi-aws has no %s", token)
	delete(props, "id")
	delete(fields, "id")
	c.object(module+"."+m[2]+m[3], props, fields, all)
}

func (c *comparison) object(path string, props map[string]served, fields map[string]string, all structs) {
	for name, p := range props {
		c.compared++
		typ, ok := fields[name]
		if !ok {
			c.differ("%s.%s: not in pulumi-aws", path, name)
			continue
		}
		if list := strings.HasPrefix(typ, "[]"); list != p.List {
			c.differ("%s.%s: a list here %t, in pulumi-aws %t", path, name, p.List, list)
		}
		if len(p.Fields) == 0 {
			continue
		}
		sub, ok := all[strings.ToLower(strings.TrimLeft(typ, "[]*"))]
		if !ok {
			c.differ("%s.%s: an object here, in pulumi-aws %s", path, name, typ)
			continue
		}
		c.object(path+"."+name, p.Fields, sub, all)
	}
	for name := range fields {
		if _, ok := props[name]; !ok {
			c.differ("%s.%s: only in pulumi-aws", path, name)
		}
	}
}

var propertyTag = regexp.MustCompile(`pulumi:"(\w+)"`)

// load reads the structs of a package of pulumi-aws.
func (c *comparison) load(t *testing.T, module string) structs {
	if s, ok := c.packages[module]; ok {
		return s
	}
	dir := filepath.Join(c.root, module)
	if module == "index" {
		dir = c.root
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	s := structs{}
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		ast.Inspect(f, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok {
				s.add(spec)
			}
			return true
		})
	}
	c.packages[module] = s
	return s
}

// add adds a struct of plain values. Structs with Args have the same properties as inputs
// and outputs, and do not show lists.
func (s structs) add(spec *ast.TypeSpec) {
	body, ok := spec.Type.(*ast.StructType)
	if !ok {
		return
	}
	fields := map[string]string{}
	for _, f := range body.Fields.List {
		if f.Tag == nil {
			continue
		}
		if m := propertyTag.FindStringSubmatch(f.Tag.Value); m != nil {
			fields[m[1]] = typeName(f.Type)
		}
	}
	if len(fields) > 0 {
		s[strings.ToLower(spec.Name.Name)] = fields
	}
}

func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.ArrayType:
		return "[]" + typeName(e.Elt)
	case *ast.StarExpr:
		return "*" + typeName(e.X)
	case *ast.Ident:
		return e.Name
	}
	return reflect.TypeOf(e).String()
}

// known are the known differences. The provider built here is older than pulumi-aws's and
// lacks the newest properties; rds.Instance.name is an old name for dbName that pulumi-aws
// still accepts.
var known = []string{
	"ec2.VpcEndpoint.resourceConfigurationArn: only in pulumi-aws",
	"ec2.VpcEndpoint.serviceNetworkArn: only in pulumi-aws",
	"ec2.getAmi.lastLaunchedTime: only in pulumi-aws",
	"ec2.getAmi.uefiData: only in pulumi-aws",
	"ec2.getVpcEndpointService.region: only in pulumi-aws",
	"ec2.getVpcEndpointService.serviceRegions: only in pulumi-aws",
	"glue.Connection.athenaProperties: only in pulumi-aws",
	"glue.Job.sourceControlDetails: only in pulumi-aws",
	"rds.Instance.databaseInsightsMode: only in pulumi-aws",
	"rds.Instance.name: only in pulumi-aws",
	"rds.getInstance.databaseInsightsMode: only in pulumi-aws",
	"s3.BucketLifecycleConfigurationV2.timeouts: only in pulumi-aws",
	"s3.BucketObjectv2.checksumCrc64nvme: only in pulumi-aws",
	"sns.Topic.fifoThroughputScope: only in pulumi-aws",
}
