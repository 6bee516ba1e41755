// region: eu
var client = new MixpanelClient("YOUR_TOKEN", new MixpanelConfig { DataResidencyHandling = MixpanelDataResidencyHandling.Default });
//                                                                                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ MP1001 error
