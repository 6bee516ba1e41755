// region: eu
import mixpanel from 'mixpanel-browser';
mixpanel.init('YOUR_TOKEN', {
  api_host: 'https://api-js.mixpanel.com',
//           ^^^^^^^^^^^^^^^^^^^^^^^^^^^ MP1001 error
});
