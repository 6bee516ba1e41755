// region: eu
import { Mixpanel } from 'mixpanel-react-native';
const mixpanel = new Mixpanel('YOUR_TOKEN', false, false);
await mixpanel.init(true, {}, 'https://api-eu.mixpanel.com');
//    ^^^^^^^^^^^^^ MP1013 warning
