// region: us
var client = new MixpanelClient("YOUR_TOKEN");
