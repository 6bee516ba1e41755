// region: eu
const Mixpanel = require('mixpanel');
const mp = Mixpanel.init('YOUR_TOKEN', {
//         ^^^^^^^^^^^^^ MP1010 error
  host: 'api-eu.mixpanel.com',
  local_flags_config: { enable_polling: true },
  remote_flags_config: { api_host: 'api.mixpanel.com' },
//                                  ^^^^^^^^^^^^^^^^ MP1001 error
});
