"""Adds images of Amazon Linux 2023 for Graviton. MiniStack has only those for x86-64."""

from typing import Any

from ministack.services import ec2, ssm

PARAMETER = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"
IMAGE = "ami-0a2023a64b2c3d4e5"
NAME = "al2023-ami-2023.6.20241010.0-kernel-6.1-arm64"

view = ec2._stub_image_view


def stub_image_view(*stub: Any) -> dict[str, Any]:
    image: dict[str, Any] = view(*stub)
    if stub[0] == IMAGE:
        image["Architecture"] = "arm64"
    return image


def install() -> None:
    """Add the image and the public parameter that names it."""
    ssm._PUBLIC_AMI_PARAMETERS[PARAMETER] = IMAGE
    ec2._STUB_AMIS.append((IMAGE, NAME, "Amazon Linux 2023 AMI", "", "/dev/xvda", "137112412989", "amazon"))
    ec2._stub_image_view = stub_image_view
