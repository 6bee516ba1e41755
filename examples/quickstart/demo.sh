#!/bin/sh
# The main job, from manifests to proof, against a pretended Mixpanel on loopback. Needs no credentials and no network.
# Run it with `make demo`, or by itself wherever `mixpriv` is on PATH. It works on a copy: this folder stays as it is.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
checkout=$(dirname -- "$(dirname -- "$here")")

command -v mixpriv >/dev/null || {
    echo "demo.sh: mixpriv isn't on PATH; run \`make demo\` in the checkout, which installs it first" >&2
    exit 1
}

# A fresh folder each time: what a run leaves behind is there to be looked at, and no run disturbs another.
if mkdir -p "$checkout/build" 2>/dev/null && [ -w "$checkout/build" ]; then
    work=$(mktemp -d "$checkout/build/quickstart.XXXXXX")
else
    work=$(mktemp -d "${TMPDIR:-/tmp}/mixpriv-quickstart.XXXXXX")
fi
cp -R "$here/workspace.yaml" "$here/projects" "$here/requests" "$work"
chmod -R u+w "$work"    # the checkout may be read-only, its copy must not be
cd "$work"

# A pretended deletion takes no opinion from the shell it is started in.
unset MIXPRIV_DIGEST_KEY MIXPRIV_MAX_DELETIONS MIXPRIV_MAX_WITHDRAWALS

step() {
    printf '\n==> %s: %s\n\n' "$1" "$2"
}

step '1/5  Check manifests and id files, offline' 'mixpriv validate --sandbox'
mixpriv validate --sandbox

step '2/5  Show what would be done; nothing is sent but reads' 'mixpriv plan --sandbox'
mixpriv plan --sandbox

step '3/5  Do it, and wait for the tasks to end (about 20 s)' 'mixpriv apply --sandbox --auto-approve --wait 60s'
mixpriv apply --sandbox --auto-approve --wait 60s

step '4/5  Show how each request stands, with its deadline' 'mixpriv status --sandbox'
mixpriv status --sandbox

step '5/5  Plan again: everything is done, so nothing may be left to do' 'mixpriv plan --sandbox --detailed-exitcode'
mixpriv plan --sandbox --detailed-exitcode >second-plan.txt || {
    code=$?
    cat second-plan.txt
    echo "demo.sh: the second plan ended with exit code $code; it should have been empty" >&2
    exit 1
}
cat second-plan.txt
grep -q '^No changes\.' second-plan.txt || {
    echo "demo.sh: the second plan should have said: No changes." >&2
    exit 1
}

cat <<END

That was the whole job. What to look at next:
  the workspace    $work
  the manifests    projects/web-eu.yaml in it; change \`region: eu\` to \`us\` there and run \`mixpriv validate\`
  the memory       \`mixpriv state list --sandbox\` and mixpriv.sandbox.state.json: counts and task ids, never a distinct id
  the program      $(command -v mixpriv)
  your own         \`mixpriv init my-workspace\`, and docs/tutorial.md
END
