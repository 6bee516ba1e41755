// region: in
var mixpanel = require('mixpanel-browser');

mixpanel.init(window.MIXPANEL_TOKEN, {
    api_host: 'https://api-in.mixpanel.com',
    api_hosts: { flags: 'https://api-in.mixpanel.com', record: "https://api-in.mixpanel.com" },
    persistence: 'localStorage'
}, 'main');
