// region: any
import 'package:mixpanel_flutter/mixpanel_flutter.dart';
final mixpanel = Mixpanel.init(token, trackAutomaticEvents: false, serverURL: settings.url);
final url = "https://api$suffix.mixpanel.com";
