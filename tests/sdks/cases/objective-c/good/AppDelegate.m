// region: eu
#import <Mixpanel/Mixpanel.h>

@implementation AppDelegate
// mixpanel.serverURL = @"https://api.mixpanel.com";
- (BOOL)application:(UIApplication *)application didFinishLaunchingWithOptions:(NSDictionary *)launchOptions {
    Mixpanel *mixpanel = [Mixpanel sharedInstanceWithToken:@"YOUR_TOKEN" trackAutomaticEvents:NO];
    mixpanel.serverURL = @"https://api-eu.mixpanel.com";
    [mixpanel track:@"Started"];
    return YES;
}
@end
