package credentials

import (
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// InternalService is the service in the credential scope of requests outside AWS's APIs.
const InternalService = "localaws"

// Sign signs a request with a small body.
func Sign(r *http.Request, c aws.Credentials, service, region string, body []byte) error {
	if service == "s3" {
		r.Header.Set(contentHash, hexHash(body))
	}
	if err := v4.NewSigner().SignHTTP(r.Context(), c, r, hexHash(body), service, region, time.Now()); err != nil {
		return fmt.Errorf("sign the request: %w", err)
	}
	return nil
}
