// region: us
import { Mixpanel } from "mixpanel-react-native";

const mixpanel = new Mixpanel("YOUR_TOKEN", true);
mixpanel.init();
