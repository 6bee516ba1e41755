"""Swift and Objective-C."""

from __future__ import annotations

from mixpriv_reconcile.sdks.profile import TOKEN, Deletion, Form, Leak, Mismatch, OptOut, Profile, Snippet, setups

__all__ = ["OBJECTIVE_C", "SWIFT"]

SIDE_EFFECTS = (
    "If the person was identified, opting out deletes the profile and clears its charges.",
    "It flushes what is queued, makes a new anonymous id, and resets super properties and flags.",
    "It works in the background: what comes right after may still see the old state.",
    "Opt-out by default applies only while no choice is stored.",
)
"""API §3.3, the same for both languages."""

OBJECTIVE_C = Profile(
    name="objective-c",
    title="Objective-C",
    on_privacy_page=True,
    option="serverURL, a property that is set right after init; init itself has no option for it",
    form=Form.ORIGIN,
    setups=setups(
        "objc",
        f"""\
Mixpanel *mixpanel = [Mixpanel sharedInstanceWithToken:@"{TOKEN}"
                                 trackAutomaticEvents:NO];
mixpanel.serverURL = @"https://@host@";
""",
        "https://@host@",
    ),
    default="the US host, set during init",
    version="5.0.9",
    leaks=(
        Leak(
            "the network object is made with the US host first",
            "set the property at once, before anything is tracked, and leave automatic events off until then",
        ),
        Leak(
            "a check whether the network is there asks for the US host by name: a DNS query, no data",
            "none in the SDK; say so in your records of processing",
        ),
    ),
    opt_out=OptOut(
        opt_out=("optOutTracking",),
        opt_in=("optInTracking", "optInTrackingForDistinctID:", "optInTrackingForDistinctID:withEventProperties:"),
        query=("hasOptedOutTracking",),
        by_default="[Mixpanel sharedInstanceWithToken:… trackAutomaticEvents:… optOutTrackingByDefault:YES]",
        deletes_profile=Deletion.IF_IDENTIFIED,
    ),
    caveats=SIDE_EFFECTS,
    mismatches=(
        Mismatch("the guide to protecting user data", "its sample for opting in calls optOutTracking", "optInTracking is what opts in"),
        Mismatch("the SDK's page", "its sample uses self.mixpanel without context", "serverURL is a property of the instance"),
    ),
    list_check=Snippet(
        "objc",
        """\
// Your server looks the signed-in id up and sends only the answer.
static void ApplyOptOut(Mixpanel *mixpanel, BOOL isListed) {
    if (isListed && ![mixpanel hasOptedOutTracking]) {
        [mixpanel optOutTracking];
    }
}
""",
    ),
)

SWIFT = Profile(
    name="swift",
    title="Swift",
    on_privacy_page=True,
    option="serverURL, in MixpanelOptions or as an argument of Mixpanel.initialize",
    form=Form.ORIGIN,
    setups=setups(
        "swift",
        f"""\
Mixpanel.initialize(
    options: MixpanelOptions(
        token: "{TOKEN}",
        serverURL: "https://@host@"
    )
)
""",
        "https://@host@",
    ),
    default="the US host",
    version="6.5.1",
    also=(
        "Mixpanel.initialize(token:trackAutomaticEvents:…serverURL:)",
        "the property serverURL, later, with the leak below",
    ),
    leaks=(
        Leak(
            "serverURL assigned after init comes too late for what is under way, and leaves feature flags on the old host",
            "give it to init",
        ),
        Leak(
            "a backup host or a proxy may lie in another region, and serverURL doesn't touch it",
            "leave it empty, or name a host of this region",
            from_us=True,
        ),
    ),
    opt_out=OptOut(
        opt_out=("optOutTracking()",),
        opt_in=("optInTracking(distinctId:properties:)",),
        query=("hasOptedOutTracking()",),
        by_default="optOutTrackingByDefault: true",
        deletes_profile=Deletion.IF_IDENTIFIED,
    ),
    caveats=SIDE_EFFECTS,
    mismatches=(
        Mismatch(
            "the guide to protecting user data",
            "useIPAddressForGeoLocation: is an argument of the initialiser, and trackAutomaticEvents takes `no`",
            "it is a property of the instance alone, and `no` is no Swift",
        ),
    ),
    list_check=Snippet(
        "swift",
        """\
// Your server looks the signed-in id up and sends only the answer.
func applyOptOut(isListed: Bool) {
    let mixpanel = Mixpanel.mainInstance()
    if isListed && !mixpanel.hasOptedOutTracking() {
        mixpanel.optOutTracking()
    }
}
""",
    ),
)
