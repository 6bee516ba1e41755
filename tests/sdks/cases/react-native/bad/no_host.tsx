// region: eu
import { Mixpanel } from 'mixpanel-react-native';
const mixpanel = new Mixpanel('YOUR_TOKEN', false);
await mixpanel.init();
//    ^^^^^^^^^^^^^ MP1003 error
