// region: in
#import <Mixpanel/Mixpanel.h>
void start(void) {
    Mixpanel *mixpanel = [Mixpanel sharedInstanceWithToken:@"YOUR_TOKEN" trackAutomaticEvents:YES];
    mixpanel.serverURL = @"https://api-eu.mixpanel.com";
//                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^ MP1001 error
}
