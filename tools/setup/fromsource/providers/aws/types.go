package main

import (
	_ "embed"
	"strings"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
)

//go:embed types.txt
var types string

// addTypes adds the types of types.txt.
func addTypes(info *tfbridge.ProviderInfo) {
	for line := range strings.Lines(types) {
		f := strings.Fields(line)
		if len(f) != 3 || strings.HasPrefix(line, "#") {
			continue
		}
		tf, tok := f[0], token(f[1], f[2])
		if strings.HasPrefix(f[2], "get") {
			info.DataSources[tf] = &tfbridge.DataSourceInfo{Tok: tokens.ModuleMember(tok)}
			continue
		}
		info.Resources[tf] = &tfbridge.ResourceInfo{Tok: tokens.Type(tok), Fields: fields[tf]}
	}
}

// token returns a type's full name, such as aws:s3/bucketV2:BucketV2.
func token(module, name string) string {
	return "aws:" + module + "/" + strings.ToLower(name[:1]) + name[1:] + ":" + name
}
