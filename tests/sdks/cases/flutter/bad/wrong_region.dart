// region: in
import 'package:mixpanel_flutter/mixpanel_flutter.dart';
final mixpanel = Mixpanel.init("YOUR_TOKEN", trackAutomaticEvents: false, serverURL: "https://api-eu.mixpanel.com");
//                                                                                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^ MP1001 error
