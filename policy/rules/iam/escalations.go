package iam

import "slices"

// The lists below include equivalent actions from AWS's service authorization reference:
// https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html

// escalations are actions with which a role can raise its privileges, if they are allowed on resources that it does not name.
// See https://github.com/RhinoSecurityLabs/AWS-IAM-Privilege-Escalation.
var escalations = slices.Concat([]string{
	"iam:AddUserToGroup", "iam:AddRoleToInstanceProfile", "iam:DetachUserPolicy", "iam:DetachGroupPolicy", "iam:DeleteUserPolicy",
	"iam:DeleteGroupPolicy", "iam:DeletePolicyVersion", "iam:PutUserPermissionsBoundary",
	"lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration", "lambda:UpdateEventSourceMapping",
	"lambda:CreateEventSourceMapping", "lambda:UpdateAlias",
	"glue:UpdateDevEndpoint", "glue:CreateDevEndpoint", "glue:UpdateJob", "glue:UpdateJobFromSourceControl", "glue:StartJobRun",
	"glue:RunStatement", "glue:UpdateTrigger",
	// These act with the permissions of another role, or on an instance with one.
	"sts:AssumeRole", "sts:AssumeRoot", "sts:GetFederationToken", "ssm:SendCommand", "ssm:StartSession", "ssm:ResumeSession",
	"ssm:StartAutomationExecution", "ssm:StartChangeRequestExecution", "ssm:CreateAssociation", "ssm:CreateAssociationBatch",
	"ssm:UpdateAssociation", "ssm:StartAssociationsOnce", "ssm:RegisterTaskWithMaintenanceWindow", "ssm:UpdateMaintenanceWindowTask",
	"ssm:UpdateDocument", "ssm:UpdateDocumentDefaultVersion",
	"ec2-instance-connect:SendSSHPublicKey", "ec2-instance-connect:SendSerialConsoleSSHPublicKey", "ec2:ModifyInstanceAttribute",
	"ec2:AssociateIamInstanceProfile", "ec2:ReplaceIamInstanceProfileAssociation", "ec2:CreateReplaceRootVolumeTask",
	"ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate", "ecs:ExecuteCommand", "ecs:UpdateService",
	"codebuild:StartBuild", "codebuild:StartBuildBatch", "codebuild:RetryBuild", "codebuild:RetryBuildBatch", "codebuild:StartSandbox",
	"codebuild:StartSandboxConnection", "codebuild:StartCommandExecution", "codebuild:UpdateProject",
	"cloudformation:UpdateStack", "cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet", "cloudformation:UpdateStackSet",
	"cloudformation:CreateStackInstances", "cloudformation:UpdateStackInstances", "states:UpdateStateMachine",
	"states:UpdateStateMachineAlias", "states:StartExecution", "states:StartSyncExecution", "events:PutTargets",
	"scheduler:UpdateSchedule", "datapipeline:PutPipelineDefinition", "sagemaker:CreatePresignedNotebookInstanceUrl",
	"sagemaker:CreatePresignedDomainUrl", "sagemaker:UpdateNotebookInstance", "sagemaker:UpdateNotebookInstanceLifecycleConfig",
	"athena:StartSession", "athena:StartCalculationExecution", "athena:CreatePresignedNotebookUrl",
}, rewrites, trusts, credentials)

// rewrites are actions that change the permissions of a role.
var rewrites = []string{
	"iam:PutRolePolicy", "iam:PutUserPolicy", "iam:PutGroupPolicy", "iam:AttachRolePolicy", "iam:AttachUserPolicy",
	"iam:AttachGroupPolicy", "iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion",
	"iam:PutRolePermissionsBoundary", "iam:DeleteRolePermissionsBoundary", "iam:DeleteUserPermissionsBoundary",
	"iam:DeleteRolePolicy", "iam:DetachRolePolicy",
}

// trusts are actions that change who may assume a role, such as an administrator's.
var trusts = []string{
	"iam:UpdateAssumeRolePolicy", "iam:CreateOpenIDConnectProvider", "iam:AddClientIDToOpenIDConnectProvider",
	"iam:UpdateOpenIDConnectProviderThumbprint", "iam:CreateSAMLProvider", "iam:UpdateSAMLProvider",
}

// credentials are actions that create credentials of a user, with other permissions than the role, or remove a second
// factor.
var credentials = []string{
	"iam:CreateAccessKey", "iam:UpdateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile", "iam:UploadSSHPublicKey",
	"iam:UpdateSSHPublicKey", "iam:CreateServiceSpecificCredential", "iam:ResetServiceSpecificCredential",
	"iam:UpdateServiceSpecificCredential", "iam:UploadSigningCertificate", "iam:UpdateSigningCertificate", "iam:DeactivateMFADevice",
	"iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ResyncMFADevice", "iam:DeleteVirtualMFADevice",
}

// runners are actions that start something with a passed role.
var runners = []string{
	"ec2:RunInstances", "ec2:RunScheduledInstances", "ec2:RequestSpotInstances", "ec2:RequestSpotFleet", "ec2:CreateFleet",
	"ec2:AssociateIamInstanceProfile", "ec2:ReplaceIamInstanceProfileAssociation", "autoscaling:CreateAutoScalingGroup",
	"autoscaling:CreateLaunchConfiguration", "lambda:CreateFunction", "lambda:UpdateFunctionConfiguration",
	"glue:CreateJob", "glue:UpdateJob", "glue:CreateSession", "glue:CreateCrawler", "glue:UpdateCrawler",
	"glue:CreateDevEndpoint", "cloudformation:CreateStack", "cloudformation:CreateChangeSet", "cloudformation:CreateStackSet",
	"cloudformation:UpdateStack", "ecs:RunTask", "ecs:StartTask", "ecs:CreateService", "ecs:UpdateService",
	"ecs:RegisterTaskDefinition", "sagemaker:CreateNotebookInstance", "sagemaker:CreateTrainingJob",
	"sagemaker:CreateProcessingJob", "sagemaker:CreateTransformJob", "sagemaker:CreateModel", "sagemaker:CreateAutoMLJob",
	"sagemaker:CreateHyperParameterTuningJob", "datapipeline:CreatePipeline", "codebuild:CreateProject", "codebuild:UpdateProject",
	"states:CreateStateMachine", "states:UpdateStateMachine", "states:TestState", "ssm:StartAutomationExecution",
	"scheduler:CreateSchedule", "scheduler:UpdateSchedule", "pipes:CreatePipe", "pipes:UpdatePipe", "emr-serverless:StartJobRun",
	"emr-serverless:StartSession", "elasticmapreduce:RunJobFlow", "batch:RegisterJobDefinition", "athena:CreateWorkGroup",
	"athena:UpdateWorkGroup",
}
