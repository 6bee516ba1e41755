// region: eu
import mixpanel from "mixpanel-browser";
mixpanel.init("YOUR_TOKEN", {
  api_host: "https://api-eu.mixpanel.com",
  api_hosts: { record: "https://api.mixpanel.com", people: 'api-eu.mixpanel.com' },
//                      ^^^^^^^^^^^^^^^^^^^^^^^^ MP1001 error
//                                                          ^^^^^^^^^^^^^^^^^^^ MP1005 error
});
