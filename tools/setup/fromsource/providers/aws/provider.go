package main

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-provider-aws/xpprovider"
	pftfbridge "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shimv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/x/muxer"
	"github.com/pulumi/pulumi-terraform-bridge/v3/unstable/metadata"
)

// providerInfo bridges the provider. A table maps types to its two parts, for the older
// and the newer plugin framework. Other providers generate the table; here it is computed
// at each start.
func providerInfo(ctx context.Context) (tfbridge.ProviderInfo, error) {
	fw, sdk, err := xpprovider.GetProvider(ctx)
	if err != nil {
		return tfbridge.ProviderInfo{}, err
	}
	info := tfbridge.ProviderInfo{
		P:            pftfbridge.MuxShimWithPF(ctx, shimv2.NewProvider(sdk), fw),
		Name:         "aws",
		Version:      version,
		Resources:    map[string]*tfbridge.ResourceInfo{},
		DataSources:  map[string]*tfbridge.DataSourceInfo{},
		MetadataInfo: tfbridge.NewProviderMetadata(nil),
	}
	addTypes(&info)
	if b, ok := info.P.ResourcesMap().GetOk("aws_s3_bucket"); ok {
		info.Resources["aws_s3_bucket"].Fields = bucketFields(b.Schema())
	}
	info.SetAutonaming(255, "-")
	p, ok := info.P.(interface {
		ResolveDispatch(*tfbridge.ProviderInfo) (muxer.DispatchTable, error)
	})
	if !ok {
		return info, errors.New("the bridge has no dispatch table")
	}
	table, err := p.ResolveDispatch(&info)
	if err != nil {
		return info, err
	}
	return info, metadata.Set(info.GetMetadata(), "mux", table)
}
