// region: eu
import { Mixpanel } from 'mixpanel-react-native';
const mixpanel = new Mixpanel('YOUR_TOKEN', false);
mixpanel.init(false, {}, 'https://api-in.mixpanel.com');
//                        ^^^^^^^^^^^^^^^^^^^^^^^^^^^ MP1001 error
