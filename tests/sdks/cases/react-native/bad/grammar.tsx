// region: eu
import { Mixpanel } from 'mixpanel-react-native';
const ref = useRef(new Mixpanel('YOUR_TOKEN', false));
const mixpanel = useRef<Mixpanel>();
mixpanel.current?.init(false, {}, 'https://api.eu.mixpanel.com');
//                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^ MP1002 error
