"""JavaScript in the browser, on a server, and in React Native."""

from __future__ import annotations

from mixpriv_reconcile.model.regions import JAVASCRIPT_HOST
from mixpriv_reconcile.sdks.profile import TOKEN, Deletion, Form, Leak, Mismatch, OptOut, Profile, Snippet, flags_leak, setups

__all__ = ["JAVASCRIPT", "NODEJS", "REACT_NATIVE"]

JAVASCRIPT = Profile(
    name="javascript",
    title="JavaScript",
    on_privacy_page=True,
    option="api_host, in the configuration given to mixpanel.init",
    form=Form.ORIGIN,
    setups=setups(
        "js",
        f"""\
mixpanel.init('{TOKEN}', {{
  api_host: 'https://@host@',
}});
""",
        "https://@host@",
        us_host=JAVASCRIPT_HOST,
    ),
    default=f"https://{JAVASCRIPT_HOST}, in the US",
    version="2.82.1",
    also=("api_hosts, a map that overrides api_host per type of data", "api_routes, the paths below the host"),
    leaks=(
        Leak(
            "api_hosts.<type> overrides api_host for that type: a host given only under api_hosts.flags leaves events where they were",
            "set api_host, and give every host under api_hosts in the same region",
            from_us=True,
        ),
        Leak(
            "the library itself is still loaded from Mixpanel's CDN where the page uses its loader",
            "bundle the library, or serve it yourself",
        ),
    ),
    opt_out=OptOut(
        opt_out=("opt_out_tracking(options)",),
        opt_in=("opt_in_tracking(options)",),
        query=("has_opted_out_tracking()", "has_opted_in_tracking()", "clear_opt_in_out_tracking() forgets the choice"),
        by_default="opt_out_tracking_by_default: true",
        deletes_profile=Deletion.IF_IDENTIFIED,
    ),
    caveats=(
        "Opting out deletes the identified profile and clears its charges, unless delete_user: false is given.",
        "It clears what the library has stored, unless clear_persistence: false is given, and stops session recording.",
        "Opting in sends an event of its own, $opt_in.",
        "A browser's Do-Not-Track counts as opted out, unless ignore_dnt: true is set.",
        "The choice is kept under __mp_opt_in_out_<token> as 0 or 1, in localStorage or a cookie (opt_out_tracking_persistence_type, "
        "opt_out_tracking_cookie_prefix); the old cookie mp_optout still counts.",
        "opt_out_persistence_by_default: true keeps the library from storing anything before a choice was made.",
    ),
    list_check=Snippet(
        "js",
        """\
// Your server looks the signed-in id up and sends only the answer.
function applyOptOut(session) {
  if (session.isOptedOut && !mixpanel.has_opted_out_tracking()) {
    // Whether the profile goes is for a deletion request to decide.
    mixpanel.opt_out_tracking({delete_user: false});
  }
}
""",
    ),
)

NODEJS = Profile(
    name="nodejs",
    title="Node.js",
    on_privacy_page=True,
    option="host, in the configuration given to Mixpanel.init",
    form=Form.BARE_HOST,
    setups=setups(
        "js",
        f"""\
const Mixpanel = require('mixpanel');

const mixpanel = Mixpanel.init('{TOKEN}', {{
  host: '@host@',
}});
""",
        "@host@",
    ),
    default="the US host",
    version="0.21.0",
    also=("protocol and path, beside host; host may end in :port",),
    leaks=(
        Leak(
            "a host written with https:// is split at its colon, so that the host becomes `https`: nothing arrives anywhere",
            "write the bare host",
            from_us=True,
        ),
        flags_leak("api_host"),
    ),
    opt_out=None,
    list_check=Snippet(
        "js",
        """\
const crypto = require('crypto');
const fs = require('fs');

// The list that `mixpriv apply` writes, loaded once.
const list = JSON.parse(fs.readFileSync('opt-outs.json', 'utf8'));
const isKnown = ['none', 'sha256'].includes(list.digest);
if (list.format_version !== 1 || !isKnown) {
  throw new Error('an opt-out list of an unknown format');
}
const listed = new Set(list.distinct_ids);

function isOptedOut(distinctId) {
  const id = String(distinctId);
  return listed.has(
    list.digest === 'sha256'
      ? crypto.createHash('sha256').update(id, 'utf8').digest('hex')
      : id
  );
}

function track(mixpanel, event, properties) {
  if (!isOptedOut(properties.distinct_id)) {
    mixpanel.track(event, properties);
  }
}
""",
    ),
)

REACT_NATIVE = Profile(
    name="react-native",
    title="React Native",
    on_privacy_page=True,
    option="serverURL, the third argument of an instance's init",
    form=Form.ORIGIN,
    setups=setups(
        "js",
        f"""\
import {{Mixpanel}} from 'mixpanel-react-native';

const mixpanel = new Mixpanel('{TOKEN}', false);
await mixpanel.init(false, {{}}, 'https://@host@');
""",
        "https://@host@",
    ),
    default="the US host",
    version="3.2.2",
    also=("setServerURL(url), after init",),
    leaks=(
        Leak(
            "up to 3.2.2 on Android the native part is made first and told the URL then: an early flush goes to the US",
            "wait for init before anything is tracked",
        ),
        Leak(
            "in JavaScript mode init(true, …) returns before it has set the URL: after a later opt-in, data goes to the US",
            "call setServerURL yourself right after init",
        ),
        Leak("the deprecated static Mixpanel.init has the US host built in", "make an instance with new Mixpanel(…)"),
    ),
    opt_out=OptOut(
        opt_out=("optOutTracking()",),
        opt_in=("optInTracking()",),
        query=("hasOptedOutTracking(), a promise of a boolean",),
        by_default="init(true, …), the first argument",
        deletes_profile=Deletion.DEPENDS,
    ),
    caveats=(
        "In JavaScript mode every start with init(false, …) sets the stored choice back to opted in.",
        "In JavaScript mode opting out doesn't delete the profile; in native mode the Android or iOS SDK acts, and deletes it if the "
        "person was identified.",
    ),
    mismatches=(
        Mismatch(
            "the guide to protecting user data",
            "opt-out by default is the third argument of the constructor",
            "that argument is useNative: the user is not opted out",
        ),
        Mismatch("the SDK's page", "serverURL in init needs 3.3.0", "it is there since 2.1.0"),
    ),
    list_check=Snippet(
        "js",
        """\
// Your server looks the signed-in id up and sends only the answer.
async function applyOptOut(mixpanel, session) {
  if (session.isOptedOut && !(await mixpanel.hasOptedOutTracking())) {
    mixpanel.optOutTracking();
  }
}
""",
    ),
)
