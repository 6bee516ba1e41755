// region: eu
import 'package:mixpanel_flutter/mixpanel_flutter.dart';

Future<void> start() async {
  mixpanel = await Mixpanel.init("YOUR_TOKEN", trackAutomaticEvents: false, serverURL: 'https://api-eu.mixpanel.com');
  print('see https://docs.mixpanel.com');
}
