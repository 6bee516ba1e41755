"""Puts finished exports into a private bucket, encrypted with its key in KMS: `python3 ci/store_exports.py exports`.

An export lies in `exports/PROJECT/REQUEST/`, as `download_to` says. That it is stored is no hand-over: a person confirms that (the job
`confirm`), and until then a later apply, in a fresh folder, fetches it again and stores it in the same place. Needs EXPORTS_BUCKET and
the bucket's credentials (AWS_…), and mixpriv's extra `s3`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def main(folder: str) -> None:
    requests = sorted(path for path in Path(folder).glob("*/*") if path.is_dir())
    if not requests:
        print("no export to store")
        return
    from obstore.exceptions import BaseError
    from obstore.store import S3Store

    try:
        bucket = S3Store(os.environ["EXPORTS_BUCKET"], server_side_encryption="aws:kms")
        for request in requests:
            for file in sorted(path for path in request.iterdir() if path.is_file() and not path.name.startswith(".")):
                bucket.put(f"{request.parent.name}/{request.name}/{file.name}", file)
                file.unlink()
            print(f"stored {request.parent.name}.retrievals.{request.name}; hand it over, then confirm it")
    except KeyError as missing:
        sys.exit(f"exports can't be stored: the variable {missing} isn't set")
    except (BaseError, OSError) as error:
        why = f"{type(error).__name__}, see EXPORTS_BUCKET and its credentials"
        sys.exit(f"exports can't be stored; the next apply fetches them again: {why}")


if __name__ == "__main__":
    main(sys.argv[1])
