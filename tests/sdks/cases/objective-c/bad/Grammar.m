// region: eu
#import <Mixpanel/Mixpanel.h>
void start(void) {
    Mixpanel *mixpanel = [[Mixpanel alloc] initWithToken:@"YOUR_TOKEN" trackAutomaticEvents:YES];
    mixpanel.serverURL = @"https://api.eu.mixpanel.com";
//                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^ MP1002 error
}
