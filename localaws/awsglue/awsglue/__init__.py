"""The part of AWS Glue's Python API that jobs on one machine can use, without AWS.

Written from the documentation; the behavior is Glue's, the code is not.
https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-python.html
"""
