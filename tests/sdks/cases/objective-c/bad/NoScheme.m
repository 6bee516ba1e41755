// region: eu
#import <Mixpanel/Mixpanel.h>
void start(void) {
    Mixpanel *mixpanel = [Mixpanel sharedInstanceWithToken:@"YOUR_TOKEN" trackAutomaticEvents:YES];
    [mixpanel setServerURL:@"api-eu.mixpanel.com"];
//                           ^^^^^^^^^^^^^^^^^^^ MP1005 error
}
