package ops

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// ForeignObject is an object below curated/ that the job did not write.
type ForeignObject struct {
	Key  string `json:"key"`
	Size int64  `json:"size"`
	// Read reports whether Athena reads it: then queries fail, or return rows
	// that are not the job's. Athena passes over the others.
	Read bool `json:"read_by_athena"`
	// MovedTo is its new key.
	MovedTo string `json:"moved_to,omitempty"`

	version string
}

// cleanRemedy is what to do about foreign objects.
const cleanRemedy = "`storeevents curated clean` moves it out of the way"

// ForeignObjects lists the objects below curated/ whose keys are not of the
// job's form, by key.
func (o *Ops) ForeignObjects(ctx context.Context) ([]ForeignObject, error) {
	found, _, err := o.curated(ctx)
	return found, err
}

// curated lists the foreign objects below curated/ and counts the others.
func (o *Ops) curated(ctx context.Context) (foreign []ForeignObject, own int, err error) {
	folder := o.contract.Prefixes.Curated + "/"
	day := regexp.QuoteMeta(folder+o.contract.PartitionKey+"=") + `[0-9]{4}-[0-9]{2}-[0-9]{2}/`
	ownForm := regexp.MustCompile("^" + day + `batch_id=[0-9]+/rows\.parquet$`)
	inPartition := regexp.MustCompile("^(?s:" + day + ".)")
	foreign = []ForeignObject{}
	err = o.eachPage(ctx, folder, func(objects []types.Object) {
		for _, object := range objects {
			key := aws.ToString(object.Key)
			if ownForm.MatchString(key) {
				own++
				continue
			}
			size := aws.ToInt64(object.Size)
			foreign = append(foreign, ForeignObject{
				Key: key, Size: size, Read: size > 0 && inPartition.MatchString(key) && !hidden(key), version: aws.ToString(object.ETag),
			})
		}
	})
	return foreign, own, err
}

// CleanCurated moves the foreign objects below curated/ to foreign/curated/; with
// dryRun it only lists them. It never touches what the job wrote. It returns what
// it has moved also beside an error.
func (o *Ops) CleanCurated(ctx context.Context, dryRun bool) ([]ForeignObject, error) {
	found, err := o.ForeignObjects(ctx)
	if err != nil || dryRun {
		return found, err
	}
	for i, f := range found {
		if found[i].MovedTo, err = o.moveForeign(ctx, f); err != nil {
			return found[:i], err
		}
	}
	return found, nil
}

func (o *Ops) moveForeign(ctx context.Context, f ForeignObject) (string, error) {
	bucket, to := aws.String(o.stack.Bucket), quarantineFolder(o.contract.Prefixes.Foreign, f.Key)
	if _, err := o.s3.CopyObject(ctx, &s3.CopyObjectInput{
		Bucket: bucket, Key: aws.String(to), CopySource: aws.String(copySource(o.stack.Bucket, f.Key)), CopySourceIfMatch: aws.String(f.version),
	}); err != nil {
		return "", fmt.Errorf("copy s3://%s/%s to %s: %w", o.stack.Bucket, f.Key, to, err)
	}
	if _, err := o.s3.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: bucket, Key: aws.String(f.Key)}); err != nil {
		return "", fmt.Errorf("delete s3://%s/%s: %w", o.stack.Bucket, f.Key, err)
	}
	return to, nil
}

// copySource names an object as CopyObject expects it.
func copySource(bucket, key string) string {
	parts := strings.Split(key, "/")
	for i, part := range parts {
		parts[i] = url.PathEscape(part)
	}
	return bucket + "/" + strings.Join(parts, "/")
}

// curatedStatus counts the objects of the Parquet and names those that are not
// the job's.
func (o *Ops) curatedStatus(ctx context.Context) (state, detail string, err error) {
	foreign, own, err := o.curated(ctx)
	if err != nil {
		return "", "", err
	}
	state, detail = "available", fmt.Sprintf("%d objects", own)
	if len(foreign) == 0 {
		return state, detail, nil
	}
	if slices.ContainsFunc(foreign, func(f ForeignObject) bool { return f.Read }) {
		state = "foreign objects"
	}
	var names Findings
	for _, f := range foreign {
		names.add(f.finding())
	}
	return state, fmt.Sprintf("%s; %d are not the job's: %s; `storeevents curated clean` moves them out of the way", detail, len(foreign), names), nil
}

func (f ForeignObject) finding() Finding {
	if f.Read {
		return Finding{Key: f.Key, Detail: "Athena reads it"}
	}
	return Finding{Key: f.Key, Detail: "Athena passes over it"}
}

// readForeign finds what is not the job's below curated/. What Athena reads of it
// is a difference.
func (o *Ops) readForeign(ctx context.Context, c *census) error {
	found, err := o.ForeignObjects(ctx)
	for _, f := range found {
		if f.Read {
			c.result.ForeignObjects.add(Finding{Key: f.Key, Detail: cleanRemedy})
		} else {
			c.result.PassedOver.add(Finding{Key: f.Key, Detail: cleanRemedy})
		}
	}
	return err
}
