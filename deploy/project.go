package deploy

import "store-events/config"

// ProjectName is the name in Pulumi.yaml, and the namespace of its settings.
const ProjectName = config.Namespace
