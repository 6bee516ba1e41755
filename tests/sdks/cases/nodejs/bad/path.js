// region: eu
const Mixpanel = require('mixpanel');
module.exports = Mixpanel.init('YOUR_TOKEN', { host: 'api-eu.mixpanel.com/track' });
//                                                    ^^^^^^^^^^^^^^^^^^^^^^^^^ MP1016 error
