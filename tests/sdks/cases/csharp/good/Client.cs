// region: eu
using Mixpanel;
var client = new MixpanelClient("YOUR_TOKEN", new MixpanelConfig { DataResidencyHandling = MixpanelDataResidencyHandling.EU });
