"""Where the state is kept: each backend's keys, what they may be, and what is said where they are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from mixpriv_reconcile.model.secrets import SecretRef
from mixpriv_reconcile.model.workspace import StateLocation

from .workspace import HEAD, PROJECT, codes, everything, only, places, read, shown, wished

ADDRESS = "https://gitlab.example.com/api/v4/projects/42/terraform/state/mixpriv"
CREDENTIALS = HEAD[HEAD.index("  credentials") :]


def manifest(state: str, more: str = PROJECT) -> str:
    return f"version: 1\nworkspace:\n  state: {state}\n{CREDENTIALS}{more}"


def location(root: Path, state: str) -> StateLocation:
    return wished(read(root, manifest(state))).workspace.state


# What is read


@pytest.mark.parametrize(
    ("state", "expected", "shown_as"),
    [
        ("{}", StateLocation(), "mixpriv.state.json"),
        ("{backend: local, path: memory/a.json}", StateLocation(path="memory/a.json"), "memory/a.json"),
        ("{backend: s3, bucket: acme-privacy}", StateLocation("s3", bucket="acme-privacy"), "s3://acme-privacy"),
        (
            "{backend: s3, bucket: acme.privacy, prefix: mixpriv/web, region: eu-central-1, endpoint: 'https://minio.example.com:9000/'}",
            StateLocation(
                "s3", bucket="acme.privacy", prefix="mixpriv/web", region="eu-central-1", endpoint="https://minio.example.com:9000"
            ),
            "s3://acme.privacy/mixpriv/web",
        ),
        (
            "{backend: gcs, bucket: acme_privacy, prefix: p, endpoint: 'http://127.0.0.1:4443'}",
            StateLocation("gcs", bucket="acme_privacy", prefix="p", endpoint="http://127.0.0.1:4443"),
            "gcs://acme_privacy/p",
        ),
        (
            "{backend: azure, account: acmeprivacy, container: mixpriv, prefix: web, endpoint: 'http://localhost:10000/acmeprivacy'}",
            StateLocation("azure", account="acmeprivacy", bucket="mixpriv", prefix="web", endpoint="http://127.0.0.1:10000/acmeprivacy"),
            "azure://acmeprivacy/mixpriv/web",
        ),
        (
            f"{{backend: http, address: '{ADDRESS}'}}",
            StateLocation("http", address=ADDRESS, lock_address=ADDRESS, unlock_address=ADDRESS),
            ADDRESS,
        ),
        (
            f"{{backend: http, address: '{ADDRESS}', lock_address: '{ADDRESS}/lock', unlock_address: '{ADDRESS}/lock', lock_method: POST, "
            "unlock_method: DELETE, username: {env: STATE_USER}, password: {file: /run/secrets/state}}",
            StateLocation(
                "http",
                address=ADDRESS,
                lock_address=f"{ADDRESS}/lock",
                unlock_address=f"{ADDRESS}/lock",
                lock_method="POST",
                unlock_method="DELETE",
                username=SecretRef(env="STATE_USER"),
                password=SecretRef(file="/run/secrets/state"),
            ),
            ADDRESS,
        ),
    ],
)
def test_each_backend_takes_its_keys(tmp_path: Path, state: str, expected: StateLocation, shown_as: str) -> None:
    """Every backend is read with the keys it has, and its place is told in a few words; http locks at its address unless told otherwise."""
    found = location(tmp_path, state)

    assert (expected, shown_as) == (found, found.shown)


def test_the_place_in_the_manifest_is_remembered(tmp_path: Path) -> None:
    """Whoever can't reach the state can be shown where the manifest says it lies."""
    assert "m.yaml:3:3" == str(location(tmp_path, "{backend: s3, bucket: abc}").span)


# What is missing, and what belongs elsewhere


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("{backend: s3}", ["`bucket` is missing", "e.g. `bucket: acme-privacy`"]),
        ("{backend: gcs, prefix: a}", ["`bucket` is missing"]),
        ("{backend: azure, container: abc}", ["`account` is missing"]),
        ("{backend: azure, account: abc}", ["`container` is missing"]),
        ("{backend: http}", ["`address` is missing"]),
        (f"{{backend: http, address: '{ADDRESS}', lock_address: '{ADDRESS}/lock'}}", ["`unlock_address` is missing"]),
        (f"{{backend: http, address: '{ADDRESS}', unlock_address: '{ADDRESS}/lock'}}", ["`lock_address` is missing"]),
    ],
)
def test_what_a_backend_needs_is_named(tmp_path: Path, state: str, words: list[str]) -> None:
    """A key without which the state can't be found is an error at `state:` that says what to add."""
    reading = read(tmp_path, manifest(state))

    assert [("MP0202", 3, 3)] == places(reading)
    assert [] == [word for word in words if word not in shown(reading)]


@pytest.mark.parametrize(
    ("state", "key", "hint"),
    [
        ("{bucket: abc}", "bucket", "write `backend: s3` beside it, or leave it out; local has `path`"),
        ("{backend: s3, bucket: abc, path: a.json}", "path", "leave it out; s3 has `bucket`, `prefix`, `region` and `endpoint`"),
        ("{backend: gcs, bucket: abc, region: eu}", "region", "leave it out; gcs has `bucket`, `prefix` and `endpoint`"),
        ("{backend: s3, bucket: abc, container: abc}", "container", "leave it out; s3 has"),
        (f"{{backend: http, address: '{ADDRESS}', bucket: abc}}", "bucket", "leave it out; http has `address`"),
        ("{backend: s3, bucket: abc, password: {env: A}}", "password", "leave it out; s3 has"),
    ],
)
def test_a_key_of_another_backend_is_an_error(tmp_path: Path, state: str, key: str, hint: str) -> None:
    """A key that this backend would pass over is refused, with its own keys in the hint."""
    found = only(read(tmp_path, manifest(state)))

    assert ("MP0394", 3) == (found.code, found.span and found.span.line)
    assert f"`{key}` is a key of " in found.message
    assert hint in found.hint


def test_a_misspelt_key_is_asked_about_once(tmp_path: Path) -> None:
    """A key that nobody knows brings the nearest one, and what is missing is not asked for twice."""
    found = only(read(tmp_path, manifest("{backend: s3, buckte: abc}")))

    assert ("MP0201", "did you mean `bucket`?") == (found.code, found.hint)


def test_of_an_unknown_backend_no_key_is_judged(tmp_path: Path) -> None:
    """Where the backend is misspelt, only that is said."""
    assert [("MP0204", "did you mean `gcs`?")] == [
        (found.code, found.hint) for found in read(tmp_path, manifest("{backend: gsc, bucket: abc, region: x}")).diagnostics
    ]


# Names


@pytest.mark.parametrize("bucket", ["ab", "a" * 64, "Acme", "acme_privacy", "a..b", "a.-b", "-abc", "abc-", "abc.", "192.168.5.4", "a/b", "a b"])
def test_a_bucket_that_s3_cannot_have_is_an_error(tmp_path: Path, bucket: str) -> None:
    """The rules of S3 for a bucket's name hold before anything is asked."""
    found = only(read(tmp_path, manifest(f"{{backend: s3, bucket: '{bucket}'}}")))

    assert ("MP0395", "no bucket has this name") == (found.code, found.message)


@pytest.mark.parametrize("bucket", ["abc", "a" * 63, "1234", "a.b-c.1", "0.0"])
def test_a_bucket_that_s3_can_have_is_none(tmp_path: Path, bucket: str) -> None:
    """What keeps to the rules is taken."""
    assert bucket == location(tmp_path, f"{{backend: s3, bucket: '{bucket}'}}").bucket


@pytest.mark.parametrize(
    ("state", "key"),
    [
        ("{backend: gcs, bucket: Acme}", "bucket"),
        ("{backend: gcs, bucket: 10.0.0.1}", "bucket"),
        (f"{{backend: gcs, bucket: {'a-' * 100}}}", "bucket"),
        ("{backend: azure, account: acme-privacy, container: abc}", "account"),
        ("{backend: azure, account: abc, container: a--b}", "container"),
        ("{backend: azure, account: abc, container: $root}", "container"),
        ("{backend: s3, bucket: abc, region: 'eu central'}", "region"),
    ],
)
def test_a_name_that_cannot_be_is_an_error(tmp_path: Path, state: str, key: str) -> None:
    """Each service's rules for names hold for its own keys."""
    found = only(read(tmp_path, manifest(state)))

    assert ("MP0395", f"no {key} has this name") == (found.code, found.message)


@pytest.mark.parametrize("prefix", ["/a", "a/", "a//b", "../a", "a/../b", "./a", "a/.", "a b", "a\\\\b", "ä", "a?b", "a" * 513])
def test_a_prefix_stays_a_plain_folder(tmp_path: Path, prefix: str) -> None:
    """A prefix is relative and has no empty part, no way up, and no letter that would be written another way on the wire."""
    assert ["MP0395"] == codes(read(tmp_path, manifest(f'{{backend: s3, bucket: abc, prefix: "{prefix}"}}')))


# URLs

REFUSED = [
    "http://gitlab.example.com/state",
    "http://127.0.0.1.example.com/state",
    "http://[::ffff:127.0.0.1]/state",
    "ftp://gitlab.example.com/state",
    "gitlab.example.com/state",
    "https:///state",
    "https://gitlab.example.com:port/state",
    "https://gitlab.example.com/state?token=hunter2hunter2",
    "https://gitlab.example.com/state#hunter2hunter2",
    "https://gitlab.example.com/state?",
    "https://jane:hunter2hunter2@gitlab.example.com/state",
    "https://hunter2hunter2@gitlab.example.com/state",
    "http://jane:hunter2hunter2@127.0.0.1/state",
    "https://gitlab.example.com\\\\@hunter2hunter2/state",
    "https://gitlab.example.com/st ate",
    "https://gitläb.example.com/state",
    "https://[::1/state",
    "https://[fe80::1%25eth0]/state",
]


@pytest.mark.parametrize("url", REFUSED)
@pytest.mark.parametrize("state", ['{{backend: http, address: "{}"}}', '{{backend: s3, bucket: abc, endpoint: "{}"}}'])
def test_a_url_that_is_not_safe_is_refused_and_never_repeated(tmp_path: Path, state: str, url: str) -> None:
    """Only https, or http on loopback, without a user, a query or a fragment; and nothing of it is shown, for it may hold a password."""
    reading = read(tmp_path, manifest(state.format(url)))

    assert ["MP0396"] == codes(reading)
    assert "hunter2" not in everything(reading)
    assert "jane" not in everything(reading)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/s", "http://[::1]:8080/s", "https://10.0.0.1/s", "https://GitLab.example.com:8443/a%2Fb"])
def test_a_url_that_is_safe_is_taken_as_written(tmp_path: Path, url: str) -> None:
    """Loopback may be asked without TLS."""
    assert url == location(tmp_path, f'{{backend: http, address: "{url}"}}').address


@pytest.mark.parametrize("key", ["lock_address", "unlock_address"])
@pytest.mark.parametrize("other", ["https://evil.example.com/lock", "https://gitlab.example.com:8443/lock", "http://127.0.0.1/lock"])
def test_the_lock_is_where_the_state_is(tmp_path: Path, key: str, other: str) -> None:
    """A lock on another server would get the state's password."""
    addresses = {"lock_address": f"{ADDRESS}/lock", "unlock_address": f"{ADDRESS}/lock"} | {key: other}
    state = f"{{backend: http, address: '{ADDRESS}', {', '.join(f'{name}: {url!r}' for name, url in addresses.items())}}}"

    assert ["MP0398"] == codes(read(tmp_path, manifest(state)))


def test_the_default_port_is_no_other_server(tmp_path: Path) -> None:
    """`:443` and a host in capitals are the same place."""
    lock = "https://GITLAB.example.com:443/lock"

    assert lock == location(tmp_path, f"{{backend: http, address: '{ADDRESS}', lock_address: '{lock}', unlock_address: '{lock}'}}").lock_address


@pytest.mark.parametrize("method", ["post", "GET", "HEAD", "P OST", "LOCK1", ""])
def test_a_method_is_one_that_can_lock(tmp_path: Path, method: str) -> None:
    """Methods are written in capital letters, and one that changes nothing can't lock."""
    expected = ["MP0399"] if method else ["MP0209"]

    assert expected == codes(read(tmp_path, manifest(f"{{backend: http, address: '{ADDRESS}', lock_method: '{method}'}}")))


# Secrets


@pytest.mark.parametrize("key", ["username", "password"])
def test_a_literal_secret_of_the_state_is_an_error_and_masked(tmp_path: Path, key: str) -> None:
    """Name and password of the state's server are references, as tokens are, and what stands there instead is never repeated."""
    reading = read(tmp_path, manifest(f"{{backend: http, address: '{ADDRESS}', {key}: hunter2hunter2}}"))

    assert "MP0210" == only(reading).code
    assert f"`{key}: {{env: NAME}}`" in only(reading).hint
    assert "hunter2" not in everything(reading)


@pytest.mark.parametrize("key", ["username", "password"])
@pytest.mark.parametrize(
    ("ref", "code"),
    [
        ("{env: WEB_TOKEN}", "MP0397"),
        ("{env: GDPR_TOKEN}", "MP0397"),
        ("{env: SA_USER}", "MP0397"),
        ("{file: ./secrets//sa}", "MP0397"),
        ("{env: MIXPRIV_DIGEST_KEY}", "MP0370"),
        ("{file: a/../mixpriv.key}", "MP0370"),
    ],
)
def test_no_other_secret_is_sent_to_the_states_server(tmp_path: Path, key: str, ref: str, code: str) -> None:
    """A reference that is also a token's, the service account's or the digest key's would hand that secret to whatever the address names."""
    account = "    service_account: {username: {env: SA_USER}, secret: {file: secrets/sa}}\n"
    state = f"{{backend: http, address: '{ADDRESS}', {key}: {ref}}}"

    assert [code] == codes(read(tmp_path, manifest(state, account + PROJECT)))


def test_nor_the_one_that_is_sent_without_a_reference(tmp_path: Path) -> None:
    """Without a reference the server gets TF_HTTP_PASSWORD, which then is no project's token."""
    text = manifest(f"{{backend: http, address: '{ADDRESS}'}}").replace("WEB_TOKEN", "TF_HTTP_PASSWORD")

    assert ["MP0397"] == codes(read(tmp_path, text))


def test_a_project_in_another_file_is_seen_too(tmp_path: Path) -> None:
    """The check is over all manifests together."""
    head = manifest(f"{{backend: http, address: '{ADDRESS}', password: {{env: WEB_TOKEN}}}}", "")

    assert ["MP0397"] == codes(read(tmp_path, head, "version: 1\n" + PROJECT))


def test_the_list_of_opt_outs_is_not_written_over_the_states_password(tmp_path: Path) -> None:
    """A file that a reference of the state points to is a credential like any other."""
    state = f"{{backend: http, address: '{ADDRESS}', password: {{file: secrets/state}}}}"
    lists = "    opt_outs: {distinct_ids: [], write_to: secrets/state}\n"

    assert "MP0385" in codes(read(tmp_path, manifest(state, PROJECT + lists)))


def test_what_harms_nobody_is_shown(tmp_path: Path) -> None:
    """Names are shown in the source line, URLs are not."""
    found = only(read(tmp_path, manifest("{backend: s3, bucket: acme-privacy, prefix: a/b/, endpoint: 'https://x.example'}")))

    assert "  state: {backend: s3, bucket: acme-privacy, prefix: a/b/, endpoint: •••••••••••••••••••}" == found.excerpt
