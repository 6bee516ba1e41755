// region: eu
import { Mixpanel } from 'mixpanel-react-native';
export async function start() {
  const mixpanel = await Mixpanel.init('YOUR_TOKEN', false);
//                       ^^^^^^^^^^^^^ MP1012 error
  mixpanel.setServerURL('https://api-eu.mixpanel.com');
}
