// region: in
var client = new MixpanelClient("YOUR_TOKEN", config);
//           ^^^^^^^^^^^^^^^^^^ MP1011 error
