"""The part of AWS Glue's Python API that jobs can use locally, without AWS.

An independent implementation of the documented behavior.
https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-python.html
"""
