// region: in
import * as Mixpanel from 'mixpanel';
export const mixpanel = Mixpanel.init('YOUR_TOKEN', { host: "api-eu.mixpanel.com" });
//                                                           ^^^^^^^^^^^^^^^^^^^ MP1001 error
