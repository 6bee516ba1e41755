"""Python, Ruby and PHP: servers, which have no opt-out method."""

from __future__ import annotations

from mixpriv_reconcile.sdks.profile import TOKEN, Form, Leak, Mismatch, Profile, Snippet, flags_leak, setups

__all__ = ["PHP", "PYTHON", "RUBY"]

PYTHON = Profile(
    name="python",
    title="Python",
    on_privacy_page=True,
    option="api_host, of Consumer or BufferedConsumer",
    form=Form.BARE_HOST,
    setups=setups(
        "python",
        f"""\
from mixpanel import Consumer, Mixpanel

mixpanel = Mixpanel(
    "{TOKEN}",
    consumer=Consumer(api_host="@host@"),
)
""",
        "@host@",
    ),
    default="the US host",
    version="5.3.0",
    leaks=(flags_leak("api_host"),),
    opt_out=None,
    caveats=("api_host covers events, profiles, groups and imports.",),
    mismatches=(Mismatch("the SDK's page", "its snippet uses the module without importing it", "import it, as above"),),
    list_check=Snippet(
        "python",
        """\
import hashlib
import json
from pathlib import Path


class OptOuts:
    \"\"\"The list that `mixpriv apply` writes, loaded once.\"\"\"

    def __init__(self, path):
        document = json.loads(Path(path).read_text("utf-8"))
        digest = document["digest"]
        is_known = digest in ("none", "sha256")
        if document["format_version"] != 1 or not is_known:
            raise ValueError("an opt-out list of an unknown format")
        self._is_hashed = digest == "sha256"
        self._listed = frozenset(document["distinct_ids"])

    def __contains__(self, distinct_id):
        key = str(distinct_id)
        if self._is_hashed:
            key = hashlib.sha256(key.encode("utf-8")).hexdigest()
        return key in self._listed


opt_outs = OptOuts("opt-outs.json")


def track(mixpanel, distinct_id, event, properties=None):
    if distinct_id not in opt_outs:
        mixpanel.track(distinct_id, event, properties or {})
""",
    ),
)

RUBY = Profile(
    name="ruby",
    title="Ruby",
    on_privacy_page=True,
    option="the URLs given to Mixpanel::Consumer.new(events, update, groups, import)",
    form=Form.URLS_WITH_PATH,
    setups=setups(
        "ruby",
        f"""\
require 'mixpanel-ruby'

urls = %w[track engage groups import].map do |path|
  "https://@host@/#{{path}}"
end
consumer = Mixpanel::Consumer.new(*urls)
tracker = Mixpanel::Tracker.new('{TOKEN}') do |type, message|
  consumer.send!(type, message)
end
""",
        "https://@host@/track",
        "https://@host@/engage",
        "https://@host@/groups",
        "https://@host@/import",
    ),
    default="the US host for each URL that is nil",
    version="3.3.0",
    leaks=(
        Leak("the documentation's sample with three URLs leaves /import in the US", "give the fourth"),
        Leak(
            "BufferedConsumer.new(events, update, import, max) takes its arguments in another order, and always leaves groups in the US",
            "use the form with a block and a Consumer of four URLs",
        ),
        Leak("generate_tracking_url gives a URL in the US by default", "give it the URL of this region"),
        flags_leak("api_host"),
    ),
    opt_out=None,
    list_check=Snippet(
        "ruby",
        """\
require 'digest'
require 'json'
require 'set'

# The list that `mixpriv apply` writes, loaded once.
class OptOuts
  def initialize(path)
    list = JSON.parse(File.read(path, encoding: 'UTF-8'))
    known = %w[none sha256].include?(list['digest'])
    unless list['format_version'] == 1 && known
      raise 'an opt-out list of an unknown format'
    end

    @hashed = list['digest'] == 'sha256'
    @listed = list['distinct_ids'].to_set
  end

  def include?(distinct_id)
    key = distinct_id.to_s.encode('UTF-8')
    key = Digest::SHA256.hexdigest(key) if @hashed
    @listed.include?(key)
  end
end

OPT_OUTS = OptOuts.new('opt-outs.json')

def track(tracker, distinct_id, event, properties = {})
  return if OPT_OUTS.include?(distinct_id)

  tracker.track(distinct_id, event, properties)
end
""",
    ),
)

PHP = Profile(
    name="php",
    title="PHP",
    on_privacy_page=False,
    option='"host", in the options of Mixpanel::getInstance',
    form=Form.BARE_HOST,
    setups=setups(
        "php",
        f"""\
<?php
$mixpanel = Mixpanel::getInstance("{TOKEN}", [
    "host" => "@host@",
]);
""",
        "@host@",
    ),
    default="the US host",
    version="2.11.0",
    also=('"use_ssl", "events_endpoint" and the other endpoints, beside "host"',),
    opt_out=None,
    caveats=("getInstance keeps one instance a token: the options of its first call count.",),
    list_check=Snippet(
        "php",
        """\
<?php
// The list that `mixpriv apply` writes, loaded once.
final class OptOuts
{
    private bool $isHashed;
    private array $listed;

    public function __construct(string $path)
    {
        $content = file_get_contents($path);
        $list = json_decode($content, true, 512, JSON_THROW_ON_ERROR);
        $isKnown = in_array($list["digest"], ["none", "sha256"], true);
        if ($list["format_version"] !== 1 || !$isKnown) {
            throw new UnexpectedValueException(
                "an opt-out list of an unknown format"
            );
        }
        $this->isHashed = $list["digest"] === "sha256";
        $this->listed = array_fill_keys($list["distinct_ids"], true);
    }

    public function contains(string $distinctId): bool
    {
        $key = $this->isHashed ? hash("sha256", $distinctId) : $distinctId;
        return isset($this->listed[$key]);
    }
}

$optOuts = new OptOuts("opt-outs.json");

function track(
    Mixpanel $mixpanel,
    OptOuts $optOuts,
    string $distinctId,
    string $event,
    array $properties = []
): void {
    if (!$optOuts->contains($distinctId)) {
        $properties["distinct_id"] = $distinctId;
        $mixpanel->track($event, $properties);
    }
}
""",
    ),
)
