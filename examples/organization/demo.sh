#!/bin/sh
# Everything on Mixpanel's privacy page, in three regions, against a pretended Mixpanel on loopback. Needs no credentials and no network.
# Run it wherever `mixpriv` is on PATH. It works on a copy: this folder stays as it is.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
checkout=$(dirname -- "$(dirname -- "$here")")

command -v mixpriv >/dev/null || {
    echo "demo.sh: mixpriv isn't on PATH; run \`make demo\` in the checkout, which installs it into .venv/bin" >&2
    exit 1
}

if mkdir -p "$checkout/build" 2>/dev/null && [ -w "$checkout/build" ]; then
    work=$(mktemp -d "$checkout/build/organization.XXXXXX")
else
    work=$(mktemp -d "${TMPDIR:-/tmp}/mixpriv-organization.XXXXXX")
fi
cp -R "$here/workspace.yaml" "$here/projects" "$here/requests" "$here/app" "$here/legacy" "$work"
chmod -R u+w "$work"
cd "$work"
unset MIXPRIV_DIGEST_KEY MIXPRIV_MAX_DELETIONS MIXPRIV_MAX_WITHDRAWALS

step() {
    printf '\n==> %s\n\n' "$1"
}

# Runs the rest of its arguments and takes the first for the only right exit code.
ends() {
    wanted=$1
    shift
    code=0
    "$@" || code=$?
    [ "$code" -eq "$wanted" ] || {
        echo "demo.sh: \`$*\` ended with $code instead of $wanted" >&2
        exit 1
    }
}

step 'Check manifests, id files and the sources of SDKs, offline'
mixpriv validate --sandbox

step 'Hosts of each API, for the project in India'
mixpriv endpoints app-in

step 'How an SDK is set to the region, and how people are opted out'
mixpriv sdk web-eu --sdk javascript

step 'Sources that send to the wrong place (ends with 7)'
ends 7 mixpriv sdk check --residency eu legacy

step 'What would be done: who is erased, where, until when it can be stopped'
mixpriv plan --sandbox --out plan.json
mixpriv show plan.json --format html >plan.html
mixpriv show plan.json --format markdown >plan.md

step 'Exactly that: opt-out lists, access requests, erasures (about 20 s)'
mixpriv apply --sandbox plan.json --wait 60s

step 'The export is there, so the person who asked for access can be erased, too'
mixpriv apply --sandbox --auto-approve --wait 60s

step 'What only people do: the URL at the identity provider, and handing over the exports'
mixpriv confirm web-eu.sso --sandbox --by ops@example.com
mixpriv confirm web-eu.retrievals.dsar-4711 --sandbox --by desk@example.com

step 'How each request stands, with its deadlines'
mixpriv status --sandbox
mixpriv status --sandbox --format html >status.html
mixpriv status --sandbox --format markdown >status.md
mixpriv status --sandbox --format ics >deadlines.ics

step 'Nothing is left to do, but to hold back who is held'
mixpriv plan --sandbox --detailed-exitcode

cat <<END

What to look at next:
  the workspace    $work
  the plan         plan.html and plan.md in it
  the deadlines    status.html, and deadlines.ics for a calendar
  the exports      exports/*/export-*.zip
  the lists        app/server/opt-outs-*.json
END
