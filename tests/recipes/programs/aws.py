"""What `aws s3 sync` and `aws s3 cp --recursive` do between a folder and a bucket, with the options that the recipes give."""

from __future__ import annotations

import fnmatch
import os
import sys
from pathlib import Path

import boto3

KNOWN = {"sync", "cp", "--recursive", "--only-show-errors", "--exclude", "--sse", "aws:kms", "AES256"}


def main(service: str, *words: str) -> None:
    excluded = words[words.index("--exclude") + 1] if "--exclude" in words else None
    places = [word for word in words if word not in KNOWN and word != excluded]
    assert service == "s3"
    assert len(places) == 2, f"not known: {places}"
    store = boto3.session.Session().client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"])
    source, target = places
    if source.startswith("s3://"):
        bucket, _, prefix = source.removeprefix("s3://").partition("/")
        for page in store.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for one in page.get("Contents", ()):
                file = Path(target, one["Key"].removeprefix(prefix))
                file.parent.mkdir(parents=True, exist_ok=True)
                store.download_file(bucket, one["Key"], str(file))
        return
    assert "--sse" in words, "what goes to private storage is encrypted there"
    assert "--recursive" in words
    bucket, _, prefix = target.removeprefix("s3://").partition("/")
    for file in Path(source).rglob("*"):
        name = file.relative_to(source).as_posix()
        if file.is_file() and not (excluded and fnmatch.fnmatchcase(name, excluded)):
            key = prefix + name
            store.upload_file(str(file), bucket, key, ExtraArgs={"ServerSideEncryption": words[words.index("--sse") + 1]})


main(*sys.argv[1:])
