"""Android, and Java on servers."""

from __future__ import annotations

from mixpriv_reconcile.sdks.profile import TOKEN, Deletion, Form, Leak, Mismatch, OptOut, Profile, Snippet, flags_leak, setups

__all__ = ["ANDROID", "JAVA"]

ANDROID = Profile(
    name="android",
    title="Android",
    on_privacy_page=True,
    option="MixpanelOptions.Builder().serverURL(url)",
    form=Form.ORIGIN,
    setups=setups(
        "java",
        f"""\
MixpanelOptions options = new MixpanelOptions.Builder()
        .serverURL("https://@host@")
        .build();
MixpanelAPI mixpanel = MixpanelAPI.getInstance(
        context, "{TOKEN}", false, options);
""",
        "https://@host@",
    ),
    default="the US host",
    version="8.9.0",
    also=(
        "setServerURL(url), later, with the leak below",
        "in the manifest com.mixpanel.android.MPConfig.EventsEndpoint, PeopleEndpoint, GroupsEndpoint and FlagsEndpoint: four full URLs, "
        "each with its path",
    ),
    leaks=(
        Leak("setServerURL after getInstance may come after the first flush", "give serverURL to the builder"),
        Leak(
            "the option BackupHost may lie in another region, and setServerURL doesn't touch it",
            "leave BackupHost empty",
            from_us=True,
        ),
    ),
    opt_out=OptOut(
        opt_out=("optOutTracking()",),
        opt_in=("optInTracking()", "optInTracking(id)", "optInTracking(id, JSONObject)"),
        query=("hasOptedOutTracking()",),
        by_default="MixpanelOptions.Builder().optOutTrackingDefault(true), or "
        "getInstance(context, token, optOutTrackingDefault, trackAutomaticEvents)",
        deletes_profile=Deletion.IF_IDENTIFIED,
    ),
    caveats=(
        "Opting out empties the queues, unsent events included, and deletes the profile if the person was identified.",
        "In getInstance opt-out by default is the third argument, automatic events the fourth.",
    ),
    mismatches=(
        Mismatch(
            "the guide to protecting user data",
            "a comment in its sample calls the last boolean of getInstance the opt-out",
            "the last is trackAutomaticEvents, the third is the opt-out; both are true in the sample, which hides it",
        ),
    ),
    list_check=Snippet(
        "java",
        """\
// Your server looks the signed-in id up and sends only the answer.
static void applyOptOut(MixpanelAPI mixpanel, boolean isListed) {
    if (isListed && !mixpanel.hasOptedOutTracking()) {
        mixpanel.optOutTracking();
    }
}
""",
    ),
)

JAVA = Profile(
    name="java",
    title="Java",
    on_privacy_page=True,
    option="the constructor MixpanelAPI(events, people, groups, import[, gzip])",
    form=Form.URLS_WITH_PATH,
    setups=setups(
        "java",
        """\
String base = "https://@host@";
MixpanelAPI mixpanel = new MixpanelAPI(
        base + "/track", base + "/engage",
        base + "/groups", base + "/import");
"""
        f'MessageBuilder messages = new MessageBuilder("{TOKEN}");\n',
        "https://@host@/track",
        "https://@host@/engage",
        "https://@host@/groups",
        "https://@host@/import",
    ),
    default="the US host for each URL that isn't given",
    version="1.7.0",
    also=("a Builder with eventsEndpoint, peopleEndpoint, groupsEndpoint and importEndpoint",),
    leaks=(
        Leak("the documentation's sample with three URLs leaves /import in the US", "give the fourth"),
        Leak("the constructor with two URLs leaves groups in the US, too", "use the one with four"),
        flags_leak("apiHost"),
    ),
    opt_out=None,
    mismatches=(
        Mismatch(
            "the SDK's page",
            "its section on residency speaks of the Ruby SDK, and gives three URLs",
            "four are needed",
        ),
    ),
    list_check=Snippet(
        "java",
        """\
import com.mixpanel.mixpanelapi.ClientDelivery;
import com.mixpanel.mixpanelapi.MessageBuilder;
import com.mixpanel.mixpanelapi.MixpanelAPI;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.Set;
import org.json.JSONArray;
import org.json.JSONObject;

/** The list that `mixpriv apply` writes, loaded once. */
public final class OptOuts {
    private final boolean isHashed;
    private final Set<String> listed = new HashSet<>();

    public OptOuts(Path file) throws IOException {
        byte[] content = Files.readAllBytes(file);
        JSONObject list =
                new JSONObject(new String(content, StandardCharsets.UTF_8));
        String digest = list.getString("digest");
        isHashed = digest.equals("sha256");
        if (list.getInt("format_version") != 1
                || !(isHashed || digest.equals("none"))) {
            throw new IOException("an opt-out list of an unknown format");
        }
        JSONArray ids = list.getJSONArray("distinct_ids");
        for (int i = 0; i < ids.length(); i++) {
            listed.add(ids.getString(i));
        }
    }

    public boolean contains(String distinctId) {
        return listed.contains(isHashed ? sha256(distinctId) : distinctId);
    }

    public void track(MixpanelAPI mixpanel, MessageBuilder messages,
            String distinctId, String event, JSONObject properties)
            throws IOException {
        if (contains(distinctId)) {
            return;
        }
        ClientDelivery delivery = new ClientDelivery();
        delivery.addMessage(messages.event(distinctId, event, properties));
        mixpanel.deliver(delivery);
    }

    private static String sha256(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256")
                    .digest(text.getBytes(StandardCharsets.UTF_8));
            return String.format("%064x", new BigInteger(1, hash));
        } catch (NoSuchAlgorithmException error) {
            throw new IllegalStateException(error);
        }
    }
}
""",
    ),
)
