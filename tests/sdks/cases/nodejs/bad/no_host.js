// region: eu
const Mixpanel = require('mixpanel');
const mixpanel = Mixpanel.init('YOUR_TOKEN');
//               ^^^^^^^^^^^^^ MP1003 error
const second = Mixpanel.init('YOUR_TOKEN', { debug: true });
//             ^^^^^^^^^^^^^ MP1003 error
