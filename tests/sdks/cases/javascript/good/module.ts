// region: eu
import mixpanel from 'mixpanel-browser';

// Before 2024 this sent to https://api.mixpanel.com; see https://docs.mixpanel.com/docs/privacy/eu-residency
mixpanel.init('YOUR_TOKEN', {
  api_host: 'https://api-eu.mixpanel.com',
  debug: process.env.NODE_ENV !== 'production',
});

export const help = 'https://mixpanel.com/docs/tracking';
export { mixpanel };
