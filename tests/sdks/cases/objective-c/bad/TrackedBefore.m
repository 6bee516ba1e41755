// region: eu
#import <Mixpanel/Mixpanel.h>
void start(void) {
    Mixpanel *mixpanel = [Mixpanel sharedInstanceWithToken:@"YOUR_TOKEN" trackAutomaticEvents:YES];
    [mixpanel track:@"App Opened"];
    mixpanel.serverURL = @"https://api-eu.mixpanel.com";
//           ^^^^^^^^^ MP1008 warning
}
