// region: eu
import { Mixpanel } from 'mixpanel-react-native';
const analytics = new Mixpanel('YOUR_TOKEN', true);
analytics.init(false, { app: 'shop' });
void analytics.setServerURL("https://api-eu.mixpanel.com");
//             ^^^^^^^^^^^^ MP1008 warning
