"""Go and C# on servers: a region is a name in the code, and India has no name in some versions."""

from __future__ import annotations

from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.sdks.profile import TOKEN, Form, Leak, Mismatch, Profile, Setup, Setups, Snippet, filled, flags_leak

__all__ = ["CSHARP", "GO"]

GO = Profile(
    name="go",
    title="Go",
    on_privacy_page=False,
    option="EuResidency(), an option of NewApiClient; ProxyApiLocation(url) and ProxyDataLocation(url) for any host",
    form=Form.SYMBOL,
    setups=Setups(
        us=Setup((), Snippet("go", f'mp := mixpanel.NewApiClient("{TOKEN}")\n'), "Nothing is to be set in the US."),
        eu=Setup(
            ("mixpanel.EuResidency()",),
            Snippet("go", f'mp := mixpanel.NewApiClient("{TOKEN}", mixpanel.EuResidency())\n'),
        ),
        india=Setup(
            (
                filled('mixpanel.ProxyApiLocation("https://@host@")', Region.IN),
                filled('mixpanel.ProxyDataLocation("https://@data_host@")', Region.IN),
            ),
            Snippet(
                "go",
                filled(
                    f"""\
mp := mixpanel.NewApiClient(
	"{TOKEN}",
	mixpanel.ProxyApiLocation("https://@host@"),
	mixpanel.ProxyDataLocation("https://@data_host@"),
)
""",
                    Region.IN,
                ),
            ),
            "InResidency() does the same where the version has it: it is in 2.0.0, and missing in 1.x and in 2.0.0-beta.2.",
        ),
    ),
    default="the US hosts, for data as well",
    version="2.0.0-beta.2",
    leaks=(
        flags_leak("APIHost"),
        Leak("in 0.0.1 the EU host for data lacks its .com", "upgrade"),
    ),
    opt_out=None,
    mismatches=(Mismatch("the SDK's page", "InResidency(), with a link to a commit", "it is in no version 1.x and not in 2.0.0-beta.2"),),
    list_check=Snippet(
        "go",
        """\
package tracking

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"

	"github.com/mixpanel/mixpanel-go" // version 2: …/mixpanel-go/v2
)

// OptOuts is the list that `mixpriv apply` writes, loaded once.
type OptOuts struct {
	isHashed bool
	listed   map[string]struct{}
}

// LoadOptOuts reads the list at path.
func LoadOptOuts(path string) (*OptOuts, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var list struct {
		FormatVersion int      `json:"format_version"`
		Digest        string   `json:"digest"`
		DistinctIDs   []string `json:"distinct_ids"`
	}
	if err := json.Unmarshal(content, &list); err != nil {
		return nil, err
	}
	isHashed := list.Digest == "sha256"
	if list.FormatVersion != 1 || !(isHashed || list.Digest == "none") {
		return nil, errors.New("an opt-out list of an unknown format")
	}
	listed := make(map[string]struct{}, len(list.DistinctIDs))
	for _, id := range list.DistinctIDs {
		listed[id] = struct{}{}
	}
	return &OptOuts{isHashed: isHashed, listed: listed}, nil
}

// Contains tells whether the distinct id is on the list.
func (o *OptOuts) Contains(distinctID string) bool {
	key := distinctID
	if o.isHashed {
		hash := sha256.Sum256([]byte(distinctID))
		key = hex.EncodeToString(hash[:])
	}
	_, found := o.listed[key]
	return found
}

// Track sends the event unless the distinct id is on the list.
func (o *OptOuts) Track(
	ctx context.Context,
	mp *mixpanel.ApiClient,
	distinctID, event string,
	properties map[string]any,
) error {
	if o.Contains(distinctID) {
		return nil
	}
	return mp.Track(ctx, []*mixpanel.Event{
		mp.NewEvent(event, distinctID, properties),
	})
}
""",
    ),
)

ENUM = "MixpanelDataResidencyHandling"

CSHARP = Profile(
    name="csharp",
    title="C# (mixpanel-csharp, by the community)",
    on_privacy_page=False,
    option=f"MixpanelConfig.DataResidencyHandling, an enum {ENUM}: Default (the US) or EU",
    form=Form.SYMBOL,
    setups=Setups(
        us=Setup(
            (f"{ENUM}.Default",),
            Snippet("csharp", f'var client = new MixpanelClient("{TOKEN}", new MixpanelConfig());\n'),
        ),
        eu=Setup(
            (f"{ENUM}.EU",),
            Snippet(
                "csharp",
                f"""\
var client = new MixpanelClient("{TOKEN}", new MixpanelConfig
{{
    DataResidencyHandling = {ENUM}.EU
}});
""",
            ),
        ),
        india=Setup(
            (),
            Snippet(
                "csharp",
                filled(
                    f"""\
var http = new HttpClient();
var client = new MixpanelClient("{TOKEN}", new MixpanelConfig
{{
    AsyncHttpPostFn = async (url, body, cancellationToken) =>
    {{
        var there = new UriBuilder(url) {{ Host = "@host@" }};
        using var content = new StringContent(body);
        using var answer = await http.PostAsync(
            there.Uri, content, cancellationToken);
        return answer.IsSuccessStatusCode;
    }}
}});
""",
                    Region.IN,
                ),
            ),
            "The library has no India: a project there must not be served with DataResidencyHandling, which knows the US and the EU only. "
            "Either send by plain HTTP (`mixpriv sdk --sdk http`), or replace the function that posts, as here: it sends everything to the "
            "Indian host. Neither the library's author nor Mixpanel documents that; try it before you rely on it.",
        ),
    ),
    default="the US host",
    version="2022-11",
    opt_out=None,
    list_check=Snippet(
        "csharp",
        """\
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks;
using Mixpanel;

/// <summary>The list that `mixpriv apply` writes, loaded once.</summary>
public sealed class OptOuts
{
    private readonly bool isHashed;
    private readonly HashSet<string> listed;

    public OptOuts(string path)
    {
        string content = File.ReadAllText(path);
        using JsonDocument document = JsonDocument.Parse(content);
        JsonElement list = document.RootElement;
        string digest = list.GetProperty("digest").GetString();
        isHashed = digest == "sha256";
        if (list.GetProperty("format_version").GetInt32() != 1
            || !(isHashed || digest == "none"))
        {
            throw new InvalidDataException(
                "an opt-out list of an unknown format");
        }
        listed = new HashSet<string>(
            list.GetProperty("distinct_ids")
                .EnumerateArray().Select(id => id.GetString()),
            StringComparer.Ordinal);
    }

    public bool Contains(string distinctId)
    {
        return listed.Contains(isHashed ? Sha256(distinctId) : distinctId);
    }

    public async Task TrackAsync(
        IMixpanelClient client,
        string distinctId,
        string name,
        object properties)
    {
        if (!Contains(distinctId))
        {
            await client.TrackAsync(name, distinctId, properties);
        }
    }

    private static string Sha256(string text)
    {
        using SHA256 sha256 = SHA256.Create();
        byte[] hash = sha256.ComputeHash(Encoding.UTF8.GetBytes(text));
        string hex = BitConverter.ToString(hash).Replace("-", "");
        return hex.ToLowerInvariant();
    }
}
""",
    ),
)
