// region: any
import mixpanel, { Config } from 'mixpanel-browser';
import { settings } from './settings';

const options: Partial<Config> = { ...settings.mixpanel, debug: false };

mixpanel.init(import.meta.env.VITE_MIXPANEL_TOKEN, options);
mixpanel.init(settings.token, { api_host: settings.host });
mixpanel.init(settings.token, { api_host: `https://${settings.host}` }, 'second');
mixpanel.init(settings.token, settings.all);
const host = 'db.internal';
fetch(`https://${host}/health`, { headers: { host: 'api.example.com' } });
