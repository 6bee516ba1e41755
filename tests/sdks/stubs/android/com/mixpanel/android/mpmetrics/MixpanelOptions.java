package com.mixpanel.android.mpmetrics;

public class MixpanelOptions {
    public static class Builder {
        public Builder serverURL(String url) {
            return this;
        }

        public MixpanelOptions build() {
            return new MixpanelOptions();
        }
    }
}
