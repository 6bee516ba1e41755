// region: in
const mixpanel = require('mixpanel-browser');
mixpanel.init('0f1e2d3c4b5a69788796a5b4c3d2e1f0', { api_host: 'https://api-eu.mixpanel.com' });
//                                                             ^^^^^^^^^^^^^^^^^^^^^^^^^^^ MP1001 error
