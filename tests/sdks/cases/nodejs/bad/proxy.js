// region: eu
const Mixpanel = require('mixpanel');
module.exports = Mixpanel.init('YOUR_TOKEN', { host: 't.example.com' });
//                                                    ^^^^^^^^^^^^^ MP1014 note
module.exports.other = Mixpanel.init('YOUR_TOKEN', { host: 'https://t.example.com' });
//                                                          ^^^^^^^^^^^^^^^^^^^^^ MP1004 error
//                                                          ^^^^^^^^^^^^^^^^^^^^^ MP1014 note
