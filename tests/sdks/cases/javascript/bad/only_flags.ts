// region: eu
import mixpanel from 'mixpanel-browser';
mixpanel.init(elementorConfig.token, {
    persistence: 'localStorage',
    api_hosts: {
//  ^^^^^^^^^ MP1007 error
        flags: 'https://api-eu.mixpanel.com',
    },
});
