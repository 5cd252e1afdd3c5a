"""Servers, a stack and fixtures for the tests of the job and of the local awsglue."""
