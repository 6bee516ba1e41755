// region: eu
#import <Mixpanel/Mixpanel.h>
void start(void) {
    [Mixpanel sharedInstanceWithToken:@"YOUR_TOKEN" trackAutomaticEvents:YES];
//   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ MP1003 error
}
