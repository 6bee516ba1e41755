package com.mixpanel.mixpanelapi;

public class MixpanelAPI {
    public MixpanelAPI(String events, String people, String groups, String imports) {}

    public void deliver(ClientDelivery delivery) throws java.io.IOException {}
}
