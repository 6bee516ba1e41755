// region: eu
const Mixpanel = require('mixpanel');

const mixpanel = Mixpanel.init('YOUR_TOKEN', {
  host: 'api-eu.mixpanel.com',
  geolocate: false,
});
mixpanel.track('Signed Up', { distinct_id: 'user-17' });
