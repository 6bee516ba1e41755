// region: eu
import mixpanel from 'mixpanel-browser';
mixpanel.init('YOUR_TOKEN', { debug: false });
if (inEurope) mixpanel.set_config({ api_host: 'https://api-eu.mixpanel.com' });
//                     ^^^^^^^^^^ MP1008 warning
