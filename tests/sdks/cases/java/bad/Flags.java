// region: eu
import com.mixpanel.mixpanelapi.featureflags.config.*;
class Flags {
    LocalFlagsConfig local = LocalFlagsConfig.builder().projectToken("YOUR_TOKEN").build();
//                           ^^^^^^^^^^^^^^^^^^^^^^^^ MP1010 error
    RemoteFlagsConfig remote = new RemoteFlagsConfig.Builder().apiHost("api.mixpanel.com").build();
//                                                                      ^^^^^^^^^^^^^^^^ MP1001 error
}
