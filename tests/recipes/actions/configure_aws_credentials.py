"""What `aws-actions/configure-aws-credentials` does: takes a role by the job's identity token, and hands keys to all later steps."""

from __future__ import annotations

import os
import pathlib

assert os.environ.get("ACTIONS_ID_TOKEN_REQUEST_TOKEN"), "without `id-token: write` no role can be taken"
assert os.environ["INPUT_ROLE-TO-ASSUME"].startswith("arn:aws:iam::")
handed = {
    "AWS_ACCESS_KEY_ID": os.environ["RUNNER_AWS_KEY_ID"],
    "AWS_SECRET_ACCESS_KEY": os.environ["RUNNER_AWS_SECRET"],
    "AWS_REGION": os.environ["INPUT_AWS-REGION"],
    "AWS_DEFAULT_REGION": os.environ["INPUT_AWS-REGION"],
}
with pathlib.Path(os.environ["GITHUB_ENV"]).open("a") as file:
    file.writelines(f"{name}={value}\n" for name, value in handed.items())
