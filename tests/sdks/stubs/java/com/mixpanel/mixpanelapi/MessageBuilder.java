package com.mixpanel.mixpanelapi;

import org.json.JSONObject;

public class MessageBuilder {
    public MessageBuilder(String token) {}

    public JSONObject event(String distinctId, String event, JSONObject properties) {
        return properties;
    }
}
