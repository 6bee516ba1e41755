// region: in
import { Mixpanel } from 'mixpanel-react-native';
import i18n from './i18n';

const mp = new Mixpanel('YOUR_TOKEN', false, false);
i18n.init({ lng: 'en' });
mp.init(true, { app: 'shop' }, 'https://api-in.mixpanel.com');
mp.setServerURL('https://api-in.mixpanel.com');
