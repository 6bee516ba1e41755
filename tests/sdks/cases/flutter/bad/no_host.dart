// region: eu
import 'package:mixpanel_flutter/mixpanel_flutter.dart';
final mixpanel = Mixpanel.init("YOUR_TOKEN", trackAutomaticEvents: false);
//               ^^^^^^^^^^^^^ MP1003 error
