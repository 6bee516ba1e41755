// region: eu
import mixpanel from 'mixpanel-browser';
mixpanel.init('A', { api_host: 'api-eu.mixpanel.com' });
//                              ^^^^^^^^^^^^^^^^^^^ MP1005 error
mixpanel.init('B', { api_host: 'https://api-eu.mixpanel.com/' });
//                              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ MP1016 error
mixpanel.init('C', { api_host: 'https://api-eu.mixpanel.com/track' });
//                              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ MP1016 error
mixpanel.init('D', { api_host: 'http://api-eu.mixpanel.com' });
//                              ^^^^^^^^^^^^^^^^^^^^^^^^^^ MP1018 warning
