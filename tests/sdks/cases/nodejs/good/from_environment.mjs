// region: any
import mixpanel from 'mixpanel';
import { options } from './options.mjs';
/* host: 'api.mixpanel.com' */
mixpanel.init(process.env.TOKEN, { host: process.env.MIXPANEL_HOST });
mixpanel.init(process.env.TOKEN, options);
mixpanel.init(process.env.TOKEN, { ...options, debug: true });
