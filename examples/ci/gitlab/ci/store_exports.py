"""Puts finished exports into a private bucket and records that they are handed over: `python3 ci/store_exports.py exports`.

An export lies in `exports/PROJECT/REQUEST/`, as `download_to` says. It is recorded once the bucket has it, so that the next job, in a
fresh folder, doesn't fetch it again. Needs EXPORTS_BUCKET and the bucket's credentials (AWS_…), and mixpriv's extra `s3`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def main(folder: str) -> None:
    requests = sorted(path for path in Path(folder).glob("*/*") if path.is_dir())
    if not requests:
        print("no export to store")
        return
    from obstore.store import S3Store

    bucket = S3Store(os.environ["EXPORTS_BUCKET"])
    for request in requests:
        for file in sorted(path for path in request.iterdir() if path.is_file() and not path.name.startswith(".")):
            bucket.put(f"{request.parent.name}/{request.name}/{file.name}", file)
            file.unlink()
        address = f"{request.parent.name}.retrievals.{request.name}"
        subprocess.run(["mixpriv", "confirm", address, "--by", os.environ.get("CI_JOB_URL", "the pipeline")], check=True)
        print(f"stored {address}")


if __name__ == "__main__":
    main(sys.argv[1])
