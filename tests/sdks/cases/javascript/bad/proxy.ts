// region: eu
import mixpanel from 'mixpanel-browser';
mixpanel.init('YOUR_TOKEN', { api_host: 'https://t.example.com/mp' });
//                                       ^^^^^^^^^^^^^^^^^^^^^^^^ MP1014 note
mixpanel.init('YOUR_TOKEN', { api_host: '/mp' });
//                                       ^^^ MP1014 note
