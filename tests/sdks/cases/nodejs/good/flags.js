// region: eu
const Mixpanel = require("mixpanel");
const host = "api-eu.mixpanel.com";
const mp = Mixpanel.init("YOUR_TOKEN", { host, local_flags_config: { api_host: host, enable_polling: true } });
const other = Mixpanel.init("YOUR_TOKEN", { host: host, remote_flags_config: { api_host: 'api-eu.mixpanel.com' } });
