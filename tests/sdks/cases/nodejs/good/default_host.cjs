// region: us
const tracker = require('mixpanel').init('YOUR_TOKEN');
tracker.people.set('user-17', { plan: 'free' });
