// region: us
#import <Mixpanel/Mixpanel.h>
void start(void) {
    [Mixpanel sharedInstanceWithToken:@"YOUR_TOKEN" trackAutomaticEvents:YES];
}
