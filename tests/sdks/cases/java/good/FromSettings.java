// region: any
import com.mixpanel.mixpanelapi.*;

class FromSettings {
    MixpanelAPI of(Settings s) {
        Server.builder().host("orders.example.com");
        // https://api.mixpanel.com/track
        return new MixpanelAPI(s.events(), s.people(), s.groups(), s.imports());
    }
}
