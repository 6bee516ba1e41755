// region: eu
const Mixpanel = require('mixpanel');
const HOSTS = { fallback: 'api.mixpanel.com' };
//                         ^^^^^^^^^^^^^^^^ MP1001 error
module.exports = Mixpanel.init('YOUR_TOKEN', { host: process.env.MIXPANEL_HOST || HOSTS.fallback });
