package trim

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// tree writes files and returns their folder.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o750))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	return dir
}

const sdk = "example.com/sdk/service/store"

// source returns a small provider with two services, and an SDK with three operations.
func source(t *testing.T) Options {
	provider := tree(t, map[string]string{
		"go.mod": "module " + Provider + "\n\nrequire (\n\t" + sdk + " v1.0.0\n\texample.com/other/thing v1.0.0\n\texample.com/deep v1.0.0 // indirect\n)\n",
		"xpprovider/x.go": `// Package xpprovider is the entry.
package xpprovider

import "` + Provider + `/internal/provider"

func GetProvider() any { return provider.New() }

func Unused() {}
`,
		"internal/provider/provider.go": `package provider

import (
	"` + Provider + `/internal/conns"
	"` + Provider + `/names/data"
)

func New() any { new(conns.Config).ConfigureProvider(); return servicePackages(data.Names) }
`,
		"names/data/read.go":        "package data\n\nimport _ \"embed\"\n\n//go:embed names_data.hcl\nvar Names string\n",
		"names/data/names_data.hcl": "service \"queue\" {\n  sdk {\n  }\n}\n\nservice \"shop\" {\n  sdk {\n  }\n}\n",
		"internal/conns/config.go": `package conns

type Config struct{ Endpoints map[string]string }

func (cfg *Config) ConfigureProvider() {
}
`,
		"internal/provider/service_packages_gen.go": `package provider

import (
	"` + servicePath + `queue"
	"` + servicePath + `shop"
)

func servicePackages(string) []any {
	return []any{
		queue.ServicePackage(nil),
		shop.ServicePackage(nil),
	}
}
`,
		"internal/service/queue/service_package_gen.go": "package queue\n\nfunc ServicePackage(any) any { return nil }\n",
		"internal/service/shop/service_package_gen.go": `package shop

func ServicePackage(any) any {
	return []*entry{
		{
			Factory:  resourceShop,
			TypeName: "aws_shop",
		},
		{
			Factory:  resourceTill,
			TypeName: "aws_till",
		},
	}
}

type entry struct {
	Factory  func() any
	TypeName string
}
`,
		"internal/service/shop/shop.go": `package shop

import (
	"example.com/other/thing"
	"` + sdk + `"
	"` + sdk + `/types"
	"time"
)

// @SDKResource("aws_shop", name="Shop")
// @Tags
func resourceShop() any {
	c := store.New()
	c.CreateShop(&store.CreateShopInput{Kind: types.KindCorner})
	wait := retry.StateChangeConf{Delay: 30 * time.Second, Timeout: time.Hour}
	return wait
}

// @SDKResource("aws_till", name="Till")
func resourceTill() any { return thing.Use(store.New().CreateTill) }
`,
		"internal/service/shop/shop_test.go": "package shop\n\nimport \"testing\"\n\nfunc TestX(t *testing.T) {}\n",
	})
	service := tree(t, map[string]string{
		"go.mod": "module " + sdk + "\n",
		"client.go": `package store

type Client struct{}

func New() *Client { return &Client{} }

var _ interface{ CreateTill() } = (*Client)(nil)

func (c *Client) CreateShop(in *CreateShopInput) { c.shopMiddleware() }
func (c *Client) CreateTill()                    {}
func (c *Client) shopMiddleware()                { for _, x := range table { _ = x } }

var table = []int{1}

type CreateShopInput struct{ Kind string }
type CreateTillInput struct{}

func (CreateTillInput) Valid() bool { return true }

func init() { register() }

func register() {}
`,
		"types/types.go": "package types\n\nconst (\n\tKindCorner = \"corner\"\n\tKindMall   = \"mall\"\n)\n\ntype Unused struct{}\n",
	})
	return Options{
		Cut:       []Module{{Path: Provider, Dir: provider}, {Path: sdk, Dir: service}},
		Resources: []string{"aws_shop"},
		Dest:      t.TempDir(),
	}
}

func read(t *testing.T, elem ...string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(elem...)) //nolint:gosec // of the test
	require.NoError(t, err)
	return string(b)
}

func TestRunKeepsReachableCode(t *testing.T) {
	o := source(t)
	require.NoError(t, Run(o))

	shop := read(t, o.Dest, "provider", "internal", "service", "shop", "shop.go")
	require.Contains(t, shop, "func resourceShop()")
	require.NotContains(t, shop, "resourceTill")
	require.NotContains(t, shop, "example.com/other/thing", "an import of removed code")
	require.Contains(t, shop, `"time"`)

	require.NotContains(t, read(t, o.Dest, "provider", "xpprovider", "x.go"), "Unused")
	require.NotContains(t, read(t, o.Dest, "provider", "internal", "provider", "service_packages_gen.go"), "queue")
	require.NoDirExists(t, filepath.Join(o.Dest, "provider", "internal", "service", "queue"))
	require.NoFileExists(t, filepath.Join(o.Dest, "provider", "internal", "service", "shop", "shop_test.go"))

	client := read(t, o.Dest, "store", "client.go")
	require.Contains(t, client, "CreateShop(", "an operation that is called")
	require.Contains(t, client, "shopMiddleware()", "a method that a kept one calls")
	require.Contains(t, client, "var table")
	require.Contains(t, client, "func init()")
	require.Contains(t, client, "func register()")
	require.NotContains(t, client, "CreateTill", "an uncalled operation, its input, and an interface check")

	types := read(t, o.Dest, "store", "types", "types.go")
	require.Contains(t, types, "KindMall", "a group of constants is kept completely")
	require.NotContains(t, types, "Unused")
}

func TestRunRemovesRequirements(t *testing.T) {
	o := source(t)
	require.NoError(t, Run(o))
	mod := read(t, o.Dest, "provider", "go.mod")
	require.Contains(t, mod, sdk)
	require.Contains(t, mod, "example.com/deep")
	require.NotContains(t, mod, "example.com/other/thing")
}

func TestRunShortensWaits(t *testing.T) {
	o := source(t)
	require.NoError(t, Run(o))
	shop := read(t, o.Dest, "provider", "internal", "service", "shop", "shop.go")
	require.Contains(t, shop, "Delay: pause.Of(30 * time.Second), Timeout: time.Hour}")
	require.Contains(t, shop, `"`+pausePackage+`"`)
	require.Contains(t, read(t, o.Dest, "provider", "pause", "pause.go"), "package pause")
	require.Contains(t, read(t, o.Dest, "provider", "internal", "conns", "config.go"), "{\n\tpause.For(cfg.Endpoints)\n}")
}

func TestRunRemovesNamesOfServices(t *testing.T) {
	o := source(t)
	require.NoError(t, Run(o))
	require.Equal(t, "\nservice \"shop\" {\n  sdk {\n  }\n}\n", read(t, o.Dest, "provider", "names", "data", "names_data.hcl"))
}

func TestRunReplacesAnEarlierResult(t *testing.T) {
	o := source(t)
	stale := filepath.Join(o.Dest, "store", "stale.go")
	require.NoError(t, write(stale, []byte("package store")))
	require.NoError(t, Run(o))
	require.NoFileExists(t, stale)
}

func TestRunNamesUnknownTypes(t *testing.T) {
	o := source(t)
	o.Resources = append(o.Resources, "aws_castle")
	o.DataSources = []string{"aws_shop"}
	require.EqualError(t, Run(o), "the provider has no DataSource aws_shop, Resource aws_castle")
}

func TestReadersKeepUsedCode(t *testing.T) {
	o := source(t)
	reader := tree(t, map[string]string{"r.go": `package reader

import "` + sdk + `"

func Use(c *store.Client) { c.CreateTill() }
`})
	o.Readers = []Module{{Path: "example.com/reader", Dir: reader}}
	require.NoError(t, Run(o))
	require.Contains(t, read(t, o.Dest, "store", "client.go"), "CreateTill()")
}
