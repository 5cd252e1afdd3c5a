module source

go 1.26.0

// The modules of which parts are replaced, see ../overlay.
require (
	github.com/aws/aws-sdk-go-v2/service/s3 v1.111.0
	github.com/pulumi/pulumi/pkg/v3 v3.259.0
	gocloud.dev v0.47.0
)
