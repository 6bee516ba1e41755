// region: in
import { Mixpanel } from 'mixpanel-react-native';
const client = new Mixpanel('YOUR_TOKEN', false);
client.init(false, {}, 'api-in.mixpanel.com', true);
//                      ^^^^^^^^^^^^^^^^^^^ MP1005 error
