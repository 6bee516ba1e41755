// region: eu
import { Mixpanel as tracker } from 'mixpanel-browser';

const API_HOST = "https://api-eu.mixpanel.com";
const config = {
  'api_host': API_HOST,
  cross_subdomain_cookie: false, // api_host: 'https://api.mixpanel.com'
};
tracker.init('YOUR_TOKEN', config);
/* tracker.init('OLD_TOKEN', {api_host: 'https://api.mixpanel.com'}); */
const path = /https:\/\/api\.mixpanel\.com\//.test(location.href) ? '/' : '/x';
