package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/deploy"
)

func TestUpdateThatLosesDataNamesTheResource(t *testing.T) {
	a := &app{stack: "dev"}
	require.NoError(t, a.refuseLoss(deploy.Result{Steps: []deploy.Step{{Op: opReplace}}}))
	err := a.refuseLoss(deploy.Result{DataLoss: []string{"aws:s3/bucketV2:BucketV2 events is replaced: its data is DELETED (a change of bucketName or existingBucket)"}})
	require.ErrorContains(t, err, "nothing is changed")
	require.ErrorContains(t, err, "a change of bucketName or existingBucket")
	require.ErrorContains(t, err, "storeevents preview --stack dev")
	require.ErrorContains(t, err, "--lose-data")
}
