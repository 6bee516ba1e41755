"""Flutter and Unity: one code base for several platforms."""

from __future__ import annotations

from mixpriv_reconcile.sdks.profile import TOKEN, Deletion, Form, Leak, Mismatch, OptOut, Profile, Snippet, setups

__all__ = ["FLUTTER", "UNITY"]

FLUTTER = Profile(
    name="flutter",
    title="Flutter",
    on_privacy_page=True,
    option="serverURL, a named argument of Mixpanel.init (2.9.0 and later)",
    form=Form.ORIGIN,
    setups=setups(
        "dart",
        f"""\
import 'package:mixpanel_flutter/mixpanel_flutter.dart';

Future<Mixpanel> startMixpanel() {{
  return Mixpanel.init(
    '{TOKEN}',
    trackAutomaticEvents: false,
    serverURL: 'https://@host@',
  );
}}
""",
        "https://@host@",
    ),
    default="the US host",
    version="2.12.0",
    also=("setServerURL(url), in versions before 2.9.0, with the leak below",),
    leaks=(
        Leak(
            "versions before 2.9.0 know only setServerURL after init, which leaks on Android",
            "upgrade to 2.9.0 or later, and give serverURL to init",
        ),
    ),
    opt_out=OptOut(
        opt_out=("optOutTracking()",),
        opt_in=("optInTracking()",),
        query=("hasOptedOutTracking(), a Future<bool?>",),
        by_default="optOutTrackingDefault: true; on the web config: {'opt_out_tracking_by_default': true}",
        deletes_profile=Deletion.DEPENDS,
    ),
    caveats=(
        "On the web optOutTrackingDefault is ignored: pass config: {'opt_out_tracking_by_default': true}.",
        "What opting out does to a profile wasn't checked for Flutter itself: expect what the platform's own SDK does, which deletes an "
        "identified profile.",
    ),
    list_check=Snippet(
        "dart",
        """\
// Your server looks the signed-in id up and sends only the answer.
Future<void> applyOptOut(Mixpanel mixpanel, bool isListed) async {
  if (isListed && await mixpanel.hasOptedOutTracking() != true) {
    mixpanel.optOutTracking();
  }
}
""",
    ),
)

UNITY = Profile(
    name="unity",
    title="Unity",
    on_privacy_page=False,
    option="APIHostAddress, in the asset MixpanelSettings (Project Settings › Mixpanel › API Host Address)",
    form=Form.ORIGIN,
    setups=setups(
        "yaml",
        f"""\
# in Assets/Resources/Mixpanel.asset, as the editor writes it
APIHostAddress: https://@host@/
RuntimeToken: {TOKEN}
""",
        "https://@host@/",
    ),
    default="the US host",
    version="3.5.5",
    opt_out=OptOut(
        opt_out=("Mixpanel.OptOutTracking()",),
        opt_in=("Mixpanel.OptInTracking()", "Mixpanel.OptInTracking(string)"),
        query=(),
        by_default="no option: the stored flag Mixpanel.IsTracking (PlayerPrefs) is true by default",
        deletes_profile=Deletion.ALWAYS,
    ),
    caveats=(
        "Opting out deletes the profile in every case, flushes what is queued, and resets.",
        "No method tells whether the user opted out: keep a flag of your own.",
        "The slash at the end of the address is added where it is missing.",
    ),
    mismatches=(
        Mismatch("the SDK's page", "its paragraph on India speaks of EU servers", "India takes the Indian host"),
        Mismatch("the SDK's page", "opting in is .optInTracking()", "it is OptInTracking(), with a capital O"),
    ),
    list_check=Snippet(
        "csharp",
        """\
using mixpanel;
using UnityEngine;

public static class OptOuts
{
    private const string Key = "opted-out-by-list";

    // Your server looks the signed-in id up and sends only the answer.
    // Called once: each call of OptOutTracking deletes the profile anew.
    public static void Apply(bool isListed)
    {
        if (isListed && PlayerPrefs.GetInt(Key, 0) == 0)
        {
            Mixpanel.OptOutTracking();
            PlayerPrefs.SetInt(Key, 1);
            PlayerPrefs.Save();
        }
    }
}
""",
    ),
)
