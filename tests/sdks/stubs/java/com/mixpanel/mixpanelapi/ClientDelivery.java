package com.mixpanel.mixpanelapi;

public class ClientDelivery {
    public void addMessage(org.json.JSONObject message) {}
}
