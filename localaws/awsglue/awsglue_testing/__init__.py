"""Servers and fixtures for tests of awsglue and of jobs."""
