// region: eu
import mixpanel from 'mixpanel-browser';
mixpanel.init('A', { api_host: 'https://api.eu.mixpanel.com' });
//                              ^^^^^^^^^^^^^^^^^^^^^^^^^^^ MP1002 error
mixpanel.init('A', { api_host: 'https://eu.mixpanel.com' });
//                              ^^^^^^^^^^^^^^^^^^^^^^^ MP1002 error
mixpanel.init('A', { api_host: 'https://eu-api.mixpanel.com' });
//                              ^^^^^^^^^^^^^^^^^^^^^^^^^^^ MP1002 error
mixpanel.init('A', { api_host: 'https://mixpanel.eu' });
//                              ^^^^^^^^^^^^^^^^^^^ MP1002 error
mixpanel.init('A', { api_host: 'https://api-us.mixpanel.com' });
//                              ^^^^^^^^^^^^^^^^^^^^^^^^^^^ MP1002 error
