// region: eu
import 'package:mixpanel_flutter/mixpanel_flutter.dart';
Future<void> start() async {
  final mixpanel = await Mixpanel.init("YOUR_TOKEN", trackAutomaticEvents: true);
  await mixpanel.setServerURL("https://api-eu.mixpanel.com");
//               ^^^^^^^^^^^^ MP1008 warning
}
