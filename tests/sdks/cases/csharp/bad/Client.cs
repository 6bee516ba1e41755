// region: eu
using Mixpanel;
var client = new MixpanelClient("YOUR_TOKEN");
//           ^^^^^^^^^^^^^^^^^^ MP1003 error
