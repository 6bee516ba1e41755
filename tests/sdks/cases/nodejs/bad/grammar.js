// region: eu
const tracker = require('mixpanel').init('YOUR_TOKEN', { host: 'api.eu.mixpanel.com' });
//                                                              ^^^^^^^^^^^^^^^^^^^ MP1002 error
const second = require('mixpanel').init('YOUR_TOKEN', { host: 'eu.mixpanel.com' });
//                                                             ^^^^^^^^^^^^^^^ MP1002 error
