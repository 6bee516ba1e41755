// region: us
import * as mp from 'mixpanel-browser';

mp.init('YOUR_TOKEN', { track_pageview: true });

export function Banner() {
  return <p>Don't worry: we don't sell data. See <a href="https://mixpanel.com/legal/privacy-policy">the policy</a>.</p>;
}
