// region: eu
import Mixpanel from 'mixpanel';
const HOST = 'https://api.mixpanel.com';
//            ^^^^^^^^^^^^^^^^^^^^^^^^ MP1001 error
//            ^^^^^^^^^^^^^^^^^^^^^^^^ MP1004 error
export const mixpanel = Mixpanel.init('YOUR_TOKEN', { host: HOST });
