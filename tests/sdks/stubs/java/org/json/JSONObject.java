package org.json;

public class JSONObject {
    public JSONObject(String source) {}

    public String getString(String key) {
        return "";
    }

    public int getInt(String key) {
        return 0;
    }

    public JSONArray getJSONArray(String key) {
        return new JSONArray();
    }
}
