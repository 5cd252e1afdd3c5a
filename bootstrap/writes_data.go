package main

import "store-events/schema"

// data returns the permissions to change the stores: buckets, key, secrets, database, queries.
func (t target) data() []statement {
	s := []statement{
		allow("ChangeBuckets", of("s3", "CreateBucket", "DeleteBucket", "DeleteBucketPolicy", "ListBucketVersions", "PutBucketLogging", "PutBucketNotification", "PutBucketOwnershipControls",
			"PutBucketPolicy", "PutBucketPublicAccessBlock", "PutBucketTagging", "PutBucketVersioning", "PutEncryptionConfiguration", "PutLifecycleConfiguration"), t.buckets("")),
		allow("ChangeObjects", of("s3", "DeleteObjectTagging", "PutObject", "PutObjectTagging"), t.objects(schema.Load().Prefixes.Scripts)),
		// A bucket is emptied before it is deleted.
		allow("EmptyBuckets", of("s3", "DeleteObject", "DeleteObjectVersion"), t.buckets("/*")),
		t.tagged(allow("CreateKey", of("kms", "CreateKey"), anything), byRequest),
		t.untagged(allow("TagNewKey", of("kms", "TagResource"), anything)),
		t.tagged(allow("ChangeKey", of("kms", "CreateAlias", "DeleteAlias", "DisableKeyRotation", "EnableKeyRotation", "PutKeyPolicy", "ScheduleKeyDeletion",
			"TagResource", "UntagResource", "UpdateAlias", "UpdateKeyDescription"), t.arns("kms", "key/*")), byResource),
		allow("NameKey", of("kms", "CreateAlias", "DeleteAlias", "UpdateAlias"), t.arns("kms", "alias/"+t.prefix()+"-*")),
		t.tagged(allow("EncryptWithKey", of("kms", "Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "ReEncryptFrom", "ReEncryptTo"), t.arns("kms", "key/*")), byResource),
		t.tagged(allow("LetServicesUseKey", of("kms", "CreateGrant"), t.arns("kms", "key/*")), byResource).
			when("Bool", "kms:GrantIsForAWSResource", "true"),
		allow("ChangeSecrets", of("secretsmanager", "CancelRotateSecret", "CreateSecret", "DeleteSecret", "PutSecretValue", "RotateSecret", "TagResource",
			"UntagResource", "UpdateSecret", "UpdateSecretVersionStage"), t.arns("secretsmanager", "secret:"+t.prefix()+"-*")),
		allow("ChangeDatabase", of("rds", "AddTagsToResource", "CreateDBInstance", "CreateDBParameterGroup", "CreateDBSnapshot", "CreateDBSubnetGroup", "DeleteDBInstance",
			"DeleteDBParameterGroup", "DeleteDBSubnetGroup", "ModifyDBInstance", "ModifyDBParameterGroup", "ModifyDBSubnetGroup", "RebootDBInstance",
			"RemoveTagsFromResource", "ResetDBParameterGroup", "StartDBInstance", "StopDBInstance"),
			t.arns("rds", "db:"+t.prefix()+"-*", "pg:"+t.prefix()+"-*", "subgrp:"+t.prefix()+"-*", "snapshot:"+t.prefix()+"-*", "og:default:*")),
		allow("ChangeQueries", of("athena", "CreateNamedQuery", "CreateWorkGroup", "DeleteNamedQuery", "DeleteWorkGroup", "TagResource", "UntagResource",
			"UpdateNamedQuery", "UpdateWorkGroup"), t.named("athena", "workgroup/")),
	}
	s = append(s, t.queues()...)
	s = append(s, t.catalogKey("EncryptWithCatalogKey", "Encrypt", "GenerateDataKey")...)
	if t.stateBucket != "" {
		s = append(s, allow("ChangeState", of("s3", "DeleteObject", "PutObject"), []string{t.state()}))
	}
	return s
}

// queues returns the permissions to change queues, and the mappings by which Lambda polls them. Lambda authorizes the
// creation of a mapping for all resources, and the rest for the mapping, whose ARN is not known in advance.
func (t target) queues() []statement {
	mappings := t.arns("lambda", "event-source-mapping:*")
	return []statement{
		allow("ChangeQueues", of("sqs", "CreateQueue", "DeleteQueue", "SetQueueAttributes", "TagQueue", "UntagQueue"), t.arns("sqs", t.prefix()+"-*")),
		allow("CreateEventSources", of("lambda", "CreateEventSourceMapping"), anything).
			when("ArnLike", "lambda:FunctionArn", t.arn("lambda", "function:"+t.prefix()+"-*")),
		t.tagged(allow("ChangeEventSources", of("lambda", "DeleteEventSourceMapping", "UpdateEventSourceMapping", "TagResource", "UntagResource"), mappings), byResource),
		t.untagged(allow("TagNewEventSources", of("lambda", "TagResource"), mappings)),
	}
}
