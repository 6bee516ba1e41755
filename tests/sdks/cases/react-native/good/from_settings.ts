// region: any
import { Mixpanel, MixpanelProperties } from 'mixpanel-react-native';
import Config from 'react-native-config';

// await mixpanel.init(false, {}, 'https://api.mixpanel.com')
class Analytics {
  private mixpanel: Mixpanel;
  constructor() {
    this.mixpanel = new Mixpanel(Config.MIXPANEL_TOKEN, true);
    this.mixpanel.init(false, {}, Config.MIXPANEL_URL);
  }
}
