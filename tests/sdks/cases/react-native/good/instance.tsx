// region: eu
import { Mixpanel } from 'mixpanel-react-native';

const trackAutomaticEvents = false;
export const mixpanel = new Mixpanel('YOUR_TOKEN', trackAutomaticEvents);

export async function start() {
  await mixpanel.init(false, {}, 'https://api-eu.mixpanel.com');
}
