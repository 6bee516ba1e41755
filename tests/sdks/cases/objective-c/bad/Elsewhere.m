// region: eu
#import <Mixpanel/Mixpanel.h>
void start(void) {
    self.mixpanel = [Mixpanel sharedInstanceWithToken:@"YOUR_TOKEN" trackAutomaticEvents:YES];
}
void configure(void) {
    self.mixpanel.serverURL = @"https://api-eu.mixpanel.com";
//                ^^^^^^^^^ MP1009 note
}
