// region: eu
const Mixpanel = require('mixpanel');
const mixpanel = Mixpanel.init('YOUR_TOKEN', { host: 'https://api-eu.mixpanel.com' });
//                                                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^ MP1004 error
