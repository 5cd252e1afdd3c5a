package main

import (
	"context"

	"store-events/config"
)

func (a *app) checkDeployed(ctx context.Context, cfg config.Config) error { return nil }
